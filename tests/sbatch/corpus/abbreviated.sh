#!/bin/bash
#SBATCH --job=short --part=gpu --gpus-per-n=2 --nodes=1 --ti=30 --cpus-per-t=4
python a.py
