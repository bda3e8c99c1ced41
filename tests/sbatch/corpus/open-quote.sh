#!/bin/bash
#SBATCH --gpus=1 --job-name='run
python a.py
