#!/bin/bash
###############################
# job settings
###############################
#SBATCH -J sweep
#SBATCH --ntasks=1
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=4
#SBATCH --time=06:00:00

LRS=(1e-3 3e-4 1e-4 3e-5)
SEEDS=(0 1 2 3 4 5)
lr=${LRS[$((SLURM_ARRAY_TASK_ID / 6))]}
seed=${SEEDS[$((SLURM_ARRAY_TASK_ID % 6))]}
python sweep.py --lr $lr --seed $seed --out results/$SLURM_ARRAY_JOB_ID
