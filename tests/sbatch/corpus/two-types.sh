#!/bin/bash
#SBATCH --gres=gpu:h200:2,gpu:a100:1
srun a
