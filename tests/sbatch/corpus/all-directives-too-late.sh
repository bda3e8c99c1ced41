#!/bin/bash
module load cuda
#SBATCH --gpus=8
#SBATCH --time=1-0
python train.py
