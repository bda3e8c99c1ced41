#!/bin/bash
#SBATCH --gpus-per-socket=2 --sockets-per-node=2
srun a
