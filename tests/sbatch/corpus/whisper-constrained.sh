#!/bin/bash
#SBATCH -J whisper
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=20GB
#SBATCH -t 03:00:00
#SBATCH -o slurm-%j.out
#SBATCH -a 0-9
#SBATCH --constraint=ib

echo "started on $(hostname) at $(date)"
FILES=(audio/*.wav)
whisper "${FILES[$SLURM_ARRAY_TASK_ID]}" --model large-v3 --language Kazakh --output_dir text
