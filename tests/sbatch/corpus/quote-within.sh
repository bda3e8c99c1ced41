#!/bin/bash
#SBATCH --gpus=1 --job-name=a"b c"d -t5
python a.py
