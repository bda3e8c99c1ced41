#!/bin/sh
# TODO: ask IT about the walltime
#SBATCH --job-name=mlflow
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=02:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

export MLFLOW_TRACKING_URI=http://mlflow.cluster:5000
python -m trainer experiment=baseline hydra.run.dir=outputs/$SLURM_JOB_ID
