#!/bin/bash
  #SBATCH --gpus=8
 #SBATCH --time=5
#SBATCH --gpus=1
python train.py
