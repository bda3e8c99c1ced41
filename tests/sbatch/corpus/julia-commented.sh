#!/bin/bash -l
# Модельді оқыту: қазақ тілі
#SBATCH --job-name=julia          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=4         # Cores per task
#SBATCH --gpus-per-node=1         # GPUs on each node
#SBATCH --mem=16gb                 # Memory per node
#SBATCH --time=01:30:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

export JULIA_NUM_THREADS=$SLURM_CPUS_PER_TASK
julia --project=. sim.jl
