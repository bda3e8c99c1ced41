#!/usr/bin/env bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -J singularity
#SBATCH -N 1
#SBATCH --ntasks-per-node=2
#SBATCH -c 6
#SBATCH --gres=gpu:2
#SBATCH --mem=48GB
#SBATCH -t 0-18
#SBATCH -o slurm-%j.out

echo "started on $(hostname) at $(date)"
export SINGULARITY_CACHEDIR=$TMPDIR
singularity exec --nv $HOME/images/tf2.sif python -u train.py
