#!/bin/bash
# école d'été 2024

# Parameters
#SBATCH --cpus-per-task=2
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=1
#SBATCH --job-name=sweep-list
#SBATCH --mem=8GB
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=90
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

echo "started on $(hostname) at $(date)"
ARGS=$(sed -n "${SLURM_ARRAY_TASK_ID}p" params.txt)
echo "task $SLURM_ARRAY_TASK_ID: $ARGS"
python run.py $ARGS
