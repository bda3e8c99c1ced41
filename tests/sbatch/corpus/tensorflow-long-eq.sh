#!/bin/sh
# автор: Айгерім
#SBATCH --job-name=tensorflow
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=12
#SBATCH --mem=64G
#SBATCH --time=14:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

module load tensorflow/2.15
python3 -u mnist_distributed.py
