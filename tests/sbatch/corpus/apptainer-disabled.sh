#!/usr/bin/env bash
# Обучение модели на двух узлах
#SBATCH --job-name=apptainer
##SBATCH --partition=debug
# #SBATCH --qos=debug
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=24G
#SBATCH --time=05:30:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

# --- end of settings
#SBATCH --mail-type=ALL

echo "started on $(hostname) at $(date)"
apptainer exec --nv --bind /scratch/$USER:/scratch pytorch_24.05.sif \
    python /scratch/code/main.py --data /scratch/data
