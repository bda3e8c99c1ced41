#!/bin/bash
#SBATCH --gpus=1
a
