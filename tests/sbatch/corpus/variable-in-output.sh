#!/bin/bash
#SBATCH --gpus=1 -t 5
#SBATCH --output=$HOME/logs/%j.out
python a.py
