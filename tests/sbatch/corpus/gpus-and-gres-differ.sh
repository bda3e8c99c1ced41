#!/bin/bash
#SBATCH --gpus-per-node=4 --gres=gpu:2 -N1
srun a
