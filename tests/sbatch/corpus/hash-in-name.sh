#!/bin/bash
#SBATCH --gpus=1 -J run#2 --exclusive
python a.py
