#!/bin/bash
#SBATCH --gpus=8 --mem=0
python a.py
