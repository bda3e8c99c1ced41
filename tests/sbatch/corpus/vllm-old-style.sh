#!/bin/bash -l
# Модельді оқыту: қазақ тілі
#SBATCH --job-name vllm
#SBATCH --nodes 1-1
#SBATCH --tasks-per-node 1
#SBATCH --cpus-per-task 24
#SBATCH --gres gpu:4
#SBATCH --mem 160G
#SBATCH --time 08:00:00
#SBATCH --workdir=.

source .venv/bin/activate
export HF_HOME=/scratch/$USER/hf
vllm serve Qwen/Qwen2.5-72B-Instruct --tensor-parallel-size 4 --port 8001 --max-model-len 16384
