#!/bin/bash
#SBATCH --gpus=1
#SBATCH --time=1:00:00
python train.py
