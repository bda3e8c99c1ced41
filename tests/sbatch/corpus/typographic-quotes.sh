#!/bin/bash
#SBATCH --gpus=1 -t5 --job-name=“my”
a
