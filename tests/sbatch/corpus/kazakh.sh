#!/bin/bash
# Бұл скрипт модельді үйретеді
#SBATCH --job-name='теңдік сынағы' --gpus=2 -t 30
python a.py
