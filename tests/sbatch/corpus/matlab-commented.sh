#!/bin/sh
# école d'été 2024
#SBATCH --job-name=matlab          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=4         # Cores per task
#SBATCH --gpus-per-node=1         # GPUs on each node
#SBATCH --mem=16gb                 # Memory per node
#SBATCH --time=1:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

module load matlab/R2023b
matlab -nodisplay -nosplash -r "run('gpu_fft.m'); exit"
