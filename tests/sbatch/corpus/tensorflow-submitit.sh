#!/bin/bash -l

# Parameters
#SBATCH --cpus-per-task=12
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=2
#SBATCH --job-name=tensorflow
#SBATCH --mem=64GB
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=14:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

module load tensorflow/2.15
python3 -u mnist_distributed.py
