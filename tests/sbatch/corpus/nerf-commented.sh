#!/bin/bash
# école d'été 2024
#SBATCH --job-name=nerf          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=6         # Cores per task
#SBATCH --gpus-per-node=1         # GPUs on each node
#SBATCH --mem=30gb                 # Memory per node
#SBATCH --time=2:30:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

echo "started on $(hostname) at $(date)"
ns-train nerfacto --data data/scan --viewer.quit-on-train-completion True
