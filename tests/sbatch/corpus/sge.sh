#!/bin/bash
#$ -l gpu=1
#$ -cwd
#SBATCH --gpus=1 -t 10
python a.py
