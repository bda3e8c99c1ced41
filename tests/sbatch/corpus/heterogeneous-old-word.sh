#!/bin/bash
#SBATCH -N1 -G1
#SBATCH packjob
#SBATCH -N1
srun a : b
