#!/bin/bash -l
# école d'été 2024
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:2
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=16   # one per dataloader worker
#SBATCH --time=1-12:00:00 --mem=120G
#SBATCH --job-name="alphafold run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

export TF_FORCE_UNIFIED_MEMORY=1
export XLA_PYTHON_CLIENT_MEM_FRACTION=4.0
run_alphafold.sh -d /data/alphafold -o $PWD/out -f target.fasta -t 2023-01-01 -m multimer
