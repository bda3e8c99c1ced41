#!/bin/bash
#SBATCH --gpus=8 --mem=1T -t 5
python a.py
