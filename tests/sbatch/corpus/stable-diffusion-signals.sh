#!/bin/bash
# Training run, see README
#SBATCH --job-name=stable-diffusion
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=24G
#SBATCH --time=01:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append

accelerate launch train_text_to_image_lora.py --pretrained_model_name_or_path="stabilityai/sdxl" \
    --dataset_name="steppe/ornaments" --resolution=1024 --max_train_steps=4000
