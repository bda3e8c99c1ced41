#!/bin/bash
#SBATCH --gpus=1 \
#SBATCH --time=10
python a.py
