#!/bin/bash
#PBS -l nodes=4:ppn=8
#SBATCH --gpus=1
#SBATCH --time=30
python train.py
