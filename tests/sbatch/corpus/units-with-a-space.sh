#!/bin/bash
#SBATCH --gpus=1 --mem=16 GB
python a.py
