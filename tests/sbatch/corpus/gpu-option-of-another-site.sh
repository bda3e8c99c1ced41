#!/bin/bash
#SBATCH --gpu=1
srun a
