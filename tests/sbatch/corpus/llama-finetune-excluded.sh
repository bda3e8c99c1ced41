#!/bin/bash -l
# TODO: ask IT about the walltime
#SBATCH -J llama-finetune
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 64
#SBATCH --gres=gpu:8
#SBATCH --mem=480GB
#SBATCH -t 36:00:00
#SBATCH -o slurm-%j.out
#SBATCH --exclude=n3,n7

accelerate launch --num_processes 8 --mixed_precision bf16 --use_fsdp \
    sft.py --model meta-llama/Llama-3.1-8B --dataset kz-instruct --output_dir ckpt
