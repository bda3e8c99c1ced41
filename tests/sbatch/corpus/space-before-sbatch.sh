#!/bin/bash
# SBATCH --gpus=8
#SBATCH --gpus=2 --time=15
python train.py
