#!/bin/bash
# 由学生维护
#SBATCH --job-name=wrf
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=2
#SBATCH --mem=100G
#SBATCH --time=10:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH -C "nvlink|a100"

cd $SLURM_SUBMIT_DIR
srun ./real.exe && srun ./wrf.exe
