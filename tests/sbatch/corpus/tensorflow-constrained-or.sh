#!/usr/bin/env bash
# Training run, see README
#SBATCH --job-name=tensorflow
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=12
#SBATCH --mem=64G
#SBATCH --time=14:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH -C "nvlink|a100"

echo "started on $(hostname) at $(date)"
module load tensorflow/2.15
python3 -u mnist_distributed.py
