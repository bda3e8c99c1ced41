#!/bin/bash -l
# TODO: ask IT about the walltime
#SBATCH -J checkpointed
#SBATCH -G 4
#SBATCH -N 1
#SBATCH -n 4
#SBATCH -c8
#SBATCH -t 24:00:00
#SBATCH --mem-per-gpu=25G
#SBATCH --export=ALL

handler() { touch stop; wait; }
trap handler USR1
srun python train.py --resume latest &
wait
