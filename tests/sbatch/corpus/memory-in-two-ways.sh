#!/bin/bash
#SBATCH --gpus=1 --mem=8G --mem-per-cpu=2G
python a.py
