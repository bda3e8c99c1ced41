#!/usr/bin/env bash
###############################
# job settings
###############################
#SBATCH --job-name=llama-finetune          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=1                # Total number of tasks
#SBATCH --cpus-per-task=64         # Cores per task
#SBATCH --gpus-per-node=8         # GPUs on each node
#SBATCH --mem=480gb                 # Memory per node
#SBATCH --time=36:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

echo "started on $(hostname) at $(date)"
accelerate launch --num_processes 8 --mixed_precision bf16 --use_fsdp \
    sft.py --model meta-llama/Llama-3.1-8B --dataset kz-instruct --output_dir ckpt
