#!/bin/bash
###############################
# job settings
###############################
#SBATCH --job-name=alphafold
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --mem=120G
#SBATCH --time=1-12:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --dependency=singleton

export TF_FORCE_UNIFIED_MEMORY=1
export XLA_PYTHON_CLIENT_MEM_FRACTION=4.0
run_alphafold.sh -d /data/alphafold -o $PWD/out -f target.fasta -t 2023-01-01 -m multimer
