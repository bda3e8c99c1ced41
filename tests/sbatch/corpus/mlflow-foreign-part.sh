#!/bin/bash -l
# Модельді оқыту: қазақ тілі
#SBATCH --partition=dgx-a100
#SBATCH --gres=gpu:h200:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=4   # one per dataloader worker
#SBATCH --time=02:00:00 --mem=16G
#SBATCH --job-name="mlflow run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

export MLFLOW_TRACKING_URI=http://mlflow.cluster:5000
python -m trainer experiment=baseline hydra.run.dir=outputs/$SLURM_JOB_ID
