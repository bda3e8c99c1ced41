#!/usr/bin/env python3
#SBATCH --gpus=1
#SBATCH --time=0:20:00
import torch

print(torch.cuda.device_count())
