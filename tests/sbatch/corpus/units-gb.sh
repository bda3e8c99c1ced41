#!/bin/bash
#SBATCH --gpus=1 --mem=16GB --time=5
python a.py
