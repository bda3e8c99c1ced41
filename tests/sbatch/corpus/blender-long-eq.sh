#!/usr/bin/env bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name=blender
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=32G
#SBATCH --time=45:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --array=1-250:10%8

echo "started on $(hostname) at $(date)"
FIRST=$SLURM_ARRAY_TASK_ID
blender -b scene.blend -E CYCLES -s $FIRST -e $((FIRST + 9)) -a -- --cycles-device CUDA
