#!/usr/bin/env zsh

### Job name
#SBATCH --job-name=MYJOB

### File for the output
#SBATCH --output=MYJOB_OUTPUT.%j

### GPUs
#SBATCH --gres=gpu:1
#SBATCH --time=00:15:00

### begin of executable commands
$CUDA_ROOT/bin/deviceQuery
