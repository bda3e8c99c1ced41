#! /bin/bash
#SBATCH --gpus=1 --time=10
python train.py
