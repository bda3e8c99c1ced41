#!/bin/bash -l
# école d'été 2024
#SBATCH -N1 -n1 -c16 -t20:00:00 -Jrl --gpus-per-node=1
#SBATCH --mem=40960M --open-mode=append --requeue
#SBATCH -a1-5

python ppo.py --env-id HalfCheetah-v4 --seed $SLURM_ARRAY_TASK_ID --track
