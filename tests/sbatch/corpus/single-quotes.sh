#!/bin/bash
#SBATCH --gpus=1 --job-name='it is 5 o"clock' -t 10
python a.py
