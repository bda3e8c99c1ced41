#!/bin/sh
# école d'été 2024
#SBATCH --nodes=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-gpu=4
#SBATCH --mem-per-cpu=2G
#SBATCH --time=24:00:00
#SBATCH --job-name=checkpointed

handler() { touch stop; wait; }
trap handler USR1
srun python train.py --resume latest &
wait
