#!/usr/bin/env bash
# Обучение модели на двух узлах
#SBATCH --job-name stable-diffusion
#SBATCH --nodes 1-1
#SBATCH --tasks-per-node 1
#SBATCH --cpus-per-task 4
#SBATCH --gres gpu:1
#SBATCH --mem 24G
#SBATCH --time 01:00:00
#SBATCH --workdir=.

echo "started on $(hostname) at $(date)"
accelerate launch train_text_to_image_lora.py --pretrained_model_name_or_path="stabilityai/sdxl" \
    --dataset_name="steppe/ornaments" --resolution=1024 --max_train_steps=4000
