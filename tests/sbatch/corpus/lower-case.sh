#!/bin/bash
#sbatch --gpus=8
#SBATCH --gpus=1
python train.py
