#!/bin/bash
#SBATCH -G1 --comment='for the paper'
a
