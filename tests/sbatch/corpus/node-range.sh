#!/bin/bash
#SBATCH -N 2-4 --gpus-per-node=8 -t 30
srun a
