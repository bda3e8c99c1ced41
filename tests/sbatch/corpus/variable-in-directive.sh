#!/bin/bash
#SBATCH --gpus=$NGPU
#SBATCH --output=$HOME/log
python a.py
