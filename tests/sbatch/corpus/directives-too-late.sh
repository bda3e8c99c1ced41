#!/bin/bash
#SBATCH --gpus=1
set -euo pipefail
#SBATCH --time=10:00:00
#SBATCH --nodes=4 --exclusive
python train.py
