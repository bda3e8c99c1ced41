#!/bin/bash -l
# Модельді оқыту: қазақ тілі

# Parameters
#SBATCH --cpus-per-task=8
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=4
#SBATCH --job-name=ddp-srun
#SBATCH --mem=120GB
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=1-00:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

source ~/miniconda3/etc/profile.d/conda.sh
conda activate torch

export MASTER_ADDR=$(hostname)
export MASTER_PORT=$((10000 + SLURM_JOB_ID % 20000))
srun python train_ddp.py --epochs 90 --batch-size 256
