#!/bin/bash -l
# Модельді оқыту: қазақ тілі
#SBATCH --job-name=blender
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --exclusive
#SBATCH --time=45:00

FIRST=$SLURM_ARRAY_TASK_ID
blender -b scene.blend -E CYCLES -s $FIRST -e $((FIRST + 9)) -a -- --cycles-device CUDA
