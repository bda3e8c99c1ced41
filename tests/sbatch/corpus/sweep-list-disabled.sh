#!/usr/bin/env bash
# Training run, see README
#SBATCH --job-name=sweep-list
##SBATCH --partition=debug
# #SBATCH --qos=debug
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=8G
#SBATCH --time=90
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --array=1-40

# --- end of settings
#SBATCH --mail-type=ALL

echo "started on $(hostname) at $(date)"
ARGS=$(sed -n "${SLURM_ARRAY_TASK_ID}p" params.txt)
echo "task $SLURM_ARRAY_TASK_ID: $ARGS"
python run.py $ARGS
