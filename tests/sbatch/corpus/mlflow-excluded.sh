#!/usr/bin/env bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -J mlflow
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=16GB
#SBATCH -t 02:00:00
#SBATCH -o slurm-%j.out
#SBATCH --exclude=n3,n7

echo "started on $(hostname) at $(date)"
export MLFLOW_TRACKING_URI=http://mlflow.cluster:5000
python -m trainer experiment=baseline hydra.run.dir=outputs/$SLURM_JOB_ID
