#!/bin/bash
# TODO: ask IT about the walltime
#SBATCH -p gpu
#SBATCH --gres=gpu:a100:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=4   # one per dataloader worker
#SBATCH --time=06:00:00 --mem=16G
#SBATCH --job-name="sweep run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz
#SBATCH --array=0-23%6

echo "started on $(hostname) at $(date)"
LRS=(1e-3 3e-4 1e-4 3e-5)
SEEDS=(0 1 2 3 4 5)
lr=${LRS[$((SLURM_ARRAY_TASK_ID / 6))]}
seed=${SEEDS[$((SLURM_ARRAY_TASK_ID % 6))]}
python sweep.py --lr $lr --seed $seed --out results/$SLURM_ARRAY_JOB_ID
