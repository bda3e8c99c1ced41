#!/bin/sh
# TODO: ask IT about the walltime
#SBATCH -J ddp-srun
#SBATCH --ntasks=8
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=8
#SBATCH --time=1-00:00:00

source ~/miniconda3/etc/profile.d/conda.sh
conda activate torch

export MASTER_ADDR=$(hostname)
export MASTER_PORT=$((10000 + SLURM_JOB_ID % 20000))
srun python train_ddp.py --epochs 90 --batch-size 256
