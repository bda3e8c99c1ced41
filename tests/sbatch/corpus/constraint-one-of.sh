#!/bin/bash
#SBATCH -N2 --gpus-per-node=1 -C '[nvlink|ib]'
srun a
