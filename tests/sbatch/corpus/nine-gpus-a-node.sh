#!/bin/bash
#SBATCH --gpus-per-node=9 --time=1-0
srun a
