#!/bin/bash
# école d'été 2024
#SBATCH --nodes=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-gpu=3
#SBATCH --mem-per-cpu=2G
#SBATCH --time=0-18
#SBATCH --job-name=singularity

echo "started on $(hostname) at $(date)"
export SINGULARITY_CACHEDIR=$TMPDIR
singularity exec --nv $HOME/images/tf2.sif python -u train.py
