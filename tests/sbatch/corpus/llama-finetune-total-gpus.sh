#!/bin/bash
# Модельді оқыту: қазақ тілі
#SBATCH -J llama-finetune
#SBATCH -G 8
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c64
#SBATCH -t 36:00:00
#SBATCH --mem-per-gpu=60G
#SBATCH --export=ALL

echo "started on $(hostname) at $(date)"
accelerate launch --num_processes 8 --mixed_precision bf16 --use_fsdp \
    sft.py --model meta-llama/Llama-3.1-8B --dataset kz-instruct --output_dir ckpt
