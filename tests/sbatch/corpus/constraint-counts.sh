#!/bin/bash
#SBATCH -N2 --gpus-per-node=1 -C 'nvlink*1&ib*1'
srun a
