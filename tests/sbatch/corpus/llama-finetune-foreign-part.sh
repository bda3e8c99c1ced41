#!/bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --partition=dgx-a100
#SBATCH --gres=gpu:h200:8
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=64   # one per dataloader worker
#SBATCH --time=36:00:00 --mem=480G
#SBATCH --job-name="llama-finetune run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

accelerate launch --num_processes 8 --mixed_precision bf16 --use_fsdp \
    sft.py --model meta-llama/Llama-3.1-8B --dataset kz-instruct --output_dir ckpt
