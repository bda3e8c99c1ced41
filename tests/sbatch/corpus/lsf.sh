#!/bin/bash
#BSUB -n 4
#BSUB -gpu "num=1"
#SBATCH --gpus=1
run
