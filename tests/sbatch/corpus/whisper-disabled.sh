#!/bin/bash
# Training run, see README
#SBATCH --job-name=whisper
##SBATCH --partition=debug
# #SBATCH --qos=debug
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=20G
#SBATCH --time=03:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --array=0-9

# --- end of settings
#SBATCH --mail-type=ALL

FILES=(audio/*.wav)
whisper "${FILES[$SLURM_ARRAY_TASK_ID]}" --model large-v3 --language Kazakh --output_dir text
