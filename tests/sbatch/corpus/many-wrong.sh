#!/bin/bash
#SBATCH --gpus=two
#SBATCH --time=tomorrow
#SBATCH --exclusive
#SBATCH --no-such-option
#SBATCH --mem=lots
a
