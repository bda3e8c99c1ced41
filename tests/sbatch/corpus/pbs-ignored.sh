#!/bin/bash
#SBATCH --ignore-pbs
#PBS -l nodes=4:ppn=8
#SBATCH --gpus=1 --time=30
python train.py
