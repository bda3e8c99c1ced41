#!/bin/bash
#SBATCH --job-name=train
#SBATCH --nodes=1
#SBATCH --gpus=4
#SBATCH --cpus-per-task=8
#SBATCH --mem=64G
#SBATCH --time=02:00:00
#SBATCH --output=train-%j.log

echo "job $SLURM_JOB_ID on $(hostname) with GPUs $CUDA_VISIBLE_DEVICES"
sleep 60   # your training command stands here
