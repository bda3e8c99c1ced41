#!/bin/bash
#SBATCH --gpus=1 --job-name="my 'best' run"
#SBATCH -t 10
python a.py
