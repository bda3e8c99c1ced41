#!/bin/bash
# Обучение модели на двух узлах
#SBATCH -J ddp-srun
#SBATCH -N 2
#SBATCH --ntasks-per-node=4
#SBATCH -c 8
#SBATCH --gres=gpu:4
#SBATCH --mem=120GB
#SBATCH -t 1-00:00:00
#SBATCH -o slurm-%j.out

source ~/miniconda3/etc/profile.d/conda.sh
conda activate torch

export MASTER_ADDR=$(hostname)
export MASTER_PORT=$((10000 + SLURM_JOB_ID % 20000))
srun python train_ddp.py --epochs 90 --batch-size 256
