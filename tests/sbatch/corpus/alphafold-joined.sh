#!/bin/bash
# TODO: ask IT about the walltime
#SBATCH -N1 -n1 -c16 -t1-12:00:00 -Jalphafold --gpus-per-node=2
#SBATCH --mem=122880M --open-mode=append --requeue

echo "started on $(hostname) at $(date)"
export TF_FORCE_UNIFIED_MEMORY=1
export XLA_PYTHON_CLIENT_MEM_FRACTION=4.0
run_alphafold.sh -d /data/alphafold -o $PWD/out -f target.fasta -t 2023-01-01 -m multimer
