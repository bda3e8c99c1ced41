#!/bin/bash
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=4   # one per dataloader worker
#SBATCH --time=01:00:00 --mem=24G
#SBATCH --job-name="stable-diffusion run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
accelerate launch train_text_to_image_lora.py --pretrained_model_name_or_path="stabilityai/sdxl" \
    --dataset_name="steppe/ornaments" --resolution=1024 --max_train_steps=4000
