#!/bin/bash
#SBATCH --gpus=1 --mem=16GiB
python a.py
