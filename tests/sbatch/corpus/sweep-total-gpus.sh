#!/bin/bash -l
# école d'été 2024
#SBATCH -J sweep
#SBATCH -G 1
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c4
#SBATCH -t 06:00:00
#SBATCH --mem-per-gpu=16G
#SBATCH --export=ALL
#SBATCH --array 0-23%6

LRS=(1e-3 3e-4 1e-4 3e-5)
SEEDS=(0 1 2 3 4 5)
lr=${LRS[$((SLURM_ARRAY_TASK_ID / 6))]}
seed=${SEEDS[$((SLURM_ARRAY_TASK_ID % 6))]}
python sweep.py --lr $lr --seed $seed --out results/$SLURM_ARRAY_JOB_ID
