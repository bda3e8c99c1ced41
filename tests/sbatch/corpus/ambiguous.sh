#!/bin/bash
#SBATCH --gpus-per=2
python a.py
