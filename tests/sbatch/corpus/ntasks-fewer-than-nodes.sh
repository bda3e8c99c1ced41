#!/bin/bash
#SBATCH -N4 -n2 --gpus-per-node=1
srun a
