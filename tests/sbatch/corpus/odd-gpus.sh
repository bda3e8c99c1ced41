#!/bin/bash
#SBATCH -N 2 --gpus=5
srun a
