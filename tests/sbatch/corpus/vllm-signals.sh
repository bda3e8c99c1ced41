#!/bin/bash
# автор: Айгерім
#SBATCH --job-name=vllm
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=24
#SBATCH --mem=160G
#SBATCH --time=08:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append

echo "started on $(hostname) at $(date)"
source .venv/bin/activate
export HF_HOME=/scratch/$USER/hf
vllm serve Qwen/Qwen2.5-72B-Instruct --tensor-parallel-size 4 --port 8001 --max-model-len 16384
