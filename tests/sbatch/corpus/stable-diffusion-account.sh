#!/bin/bash -l
# автор: Айгерім
#SBATCH --account=def-profname
#SBATCH -J stable-diffusion
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=24GB
#SBATCH -t 01:00:00
#SBATCH -o slurm-%j.out

accelerate launch train_text_to_image_lora.py --pretrained_model_name_or_path="stabilityai/sdxl" \
    --dataset_name="steppe/ornaments" --resolution=1024 --max_train_steps=4000
