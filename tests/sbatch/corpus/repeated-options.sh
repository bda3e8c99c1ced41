#!/bin/bash
#SBATCH --gpus=4
#SBATCH --time=10:00
#SBATCH -t 1-0
#SBATCH -G 2
python train.py
