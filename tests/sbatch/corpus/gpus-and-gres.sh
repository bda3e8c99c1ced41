#!/bin/bash
#SBATCH --gpus=4 --gres=gpu:4 -N1 -t5
srun a
