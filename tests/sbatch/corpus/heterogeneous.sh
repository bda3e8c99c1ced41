#!/bin/bash
#SBATCH --job-name=coupled
#SBATCH --nodes=1 --ntasks=16
#SBATCH hetjob
#SBATCH --nodes=1 --gpus-per-node=4
srun ./ocean : ./atmosphere
