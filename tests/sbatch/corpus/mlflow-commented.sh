#!/bin/bash
# Обучение модели на двух узлах
#SBATCH --job-name=mlflow          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=4         # Cores per task
#SBATCH --gpus-per-node=1         # GPUs on each node
#SBATCH --mem=16gb                 # Memory per node
#SBATCH --time=02:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

export MLFLOW_TRACKING_URI=http://mlflow.cluster:5000
python -m trainer experiment=baseline hydra.run.dir=outputs/$SLURM_JOB_ID
