#!/bin/bash
# 由学生维护
#SBATCH -N1 -n1 -c6 -t2:30:00 -Jnerf --gpus-per-node=1
#SBATCH --mem=30720M --open-mode=append --requeue

ns-train nerfacto --data data/scan --viewer.quit-on-train-completion True
