#!/bin/bash
#SBATCH --gres=gpu:2 --gres-flags=enforce-binding
srun a
