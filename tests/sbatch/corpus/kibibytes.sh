#!/bin/bash
#SBATCH --gpus=1 --mem=1500000K -t 5
python a.py
