#!/bin/bash
#SBATCH --gpus=1 -J 'run#2' -t 5
python a.py
