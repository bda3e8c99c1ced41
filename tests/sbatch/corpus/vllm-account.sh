#!/bin/bash
# Обучение модели на двух узлах
#SBATCH --account=def-profname
#SBATCH -J vllm
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 24
#SBATCH --gres=gpu:4
#SBATCH --mem=160GB
#SBATCH -t 08:00:00
#SBATCH -o slurm-%j.out

source .venv/bin/activate
export HF_HOME=/scratch/$USER/hf
vllm serve Qwen/Qwen2.5-72B-Instruct --tensor-parallel-size 4 --port 8001 --max-model-len 16384
