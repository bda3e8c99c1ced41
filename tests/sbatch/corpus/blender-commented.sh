#!/bin/bash
# автор: Айгерім
#SBATCH --job-name=blender          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=8         # Cores per task
#SBATCH --gpus-per-node=1         # GPUs on each node
#SBATCH --mem=32gb                 # Memory per node
#SBATCH --time=45:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log
#SBATCH --array=1-250:10%8                 # Array range

echo "started on $(hostname) at $(date)"
FIRST=$SLURM_ARRAY_TASK_ID
blender -b scene.blend -E CYCLES -s $FIRST -e $((FIRST + 9)) -a -- --cycles-device CUDA
