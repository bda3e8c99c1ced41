#!/bin/bash
#SBATCH --gpus=1 --job-name
#SBATCH --time=5
a
