#!/bin/bash
#SBATCH --gpus=1 --mem=1.5G
python a.py
