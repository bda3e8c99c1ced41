#!/bin/bash
#SBATCH --gpus=128 --time=1-0
srun a
