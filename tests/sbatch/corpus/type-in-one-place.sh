#!/bin/bash
#SBATCH --gpus=h200:2 --gres=gpu:2
srun a
