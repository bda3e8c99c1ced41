#!/bin/bash
###############################
# job settings
###############################
#SBATCH --job-name=rl          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=16         # Cores per task
#SBATCH --gpus-per-node=1         # GPUs on each node
#SBATCH --mem=40gb                 # Memory per node
#SBATCH --time=20:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log
#SBATCH --array=1-5                 # Array range

python ppo.py --env-id HalfCheetah-v4 --seed $SLURM_ARRAY_TASK_ID --track
