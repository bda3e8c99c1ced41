#!/bin/bash
#SBATCH -G1 -t 90
a
