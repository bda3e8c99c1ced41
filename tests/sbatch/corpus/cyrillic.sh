#!/bin/bash
# Обучение; запускать ночью
#SBATCH --job-name=обучение --gpus=2 -t 30
python a.py
