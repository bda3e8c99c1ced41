#!/bin/bash
#SBATCH -G1 -t5
a
