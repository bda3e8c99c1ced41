#!/bin/bash
#SBATCH --gpus=1 -J my\ run
python a.py
