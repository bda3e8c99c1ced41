#!/bin/sh
# TODO: ask IT about the walltime
#SBATCH --job-name=singularity
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --gpus-per-node=2
#SBATCH --exclusive
#SBATCH --time=0-18

export SINGULARITY_CACHEDIR=$TMPDIR
singularity exec --nv $HOME/images/tf2.sif python -u train.py
