#! /bin/bash
# Training run, see README
#SBATCH --job-name=vllm          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=24         # Cores per task
#SBATCH --gpus-per-node=4         # GPUs on each node
#SBATCH --mem=160gb                 # Memory per node
#SBATCH --time=08:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

source .venv/bin/activate
export HF_HOME=/scratch/$USER/hf
vllm serve Qwen/Qwen2.5-72B-Instruct --tensor-parallel-size 4 --port 8001 --max-model-len 16384
