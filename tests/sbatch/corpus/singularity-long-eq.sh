#! /bin/bash
###############################
# job settings
###############################
#SBATCH --job-name=singularity
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=6
#SBATCH --mem=48G
#SBATCH --time=0-18
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

export SINGULARITY_CACHEDIR=$TMPDIR
singularity exec --nv $HOME/images/tf2.sif python -u train.py
