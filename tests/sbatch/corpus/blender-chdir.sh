#!/bin/bash
# Обучение модели на двух узлах
#SBATCH -J blender
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 8
#SBATCH --gres=gpu:1
#SBATCH --mem=32GB
#SBATCH -t 45:00
#SBATCH -o slurm-%j.out
#SBATCH -a 1-250:10%8
#SBATCH --chdir=/scratch/project
#SBATCH --export=NONE
#SBATCH --input=/dev/null

FIRST=$SLURM_ARRAY_TASK_ID
blender -b scene.blend -E CYCLES -s $FIRST -e $((FIRST + 9)) -a -- --cycles-device CUDA
