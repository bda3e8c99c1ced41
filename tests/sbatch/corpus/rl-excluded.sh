#!/bin/bash
# TODO: ask IT about the walltime
#SBATCH -J rl
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 16
#SBATCH --gres=gpu:1
#SBATCH --mem=40GB
#SBATCH -t 20:00:00
#SBATCH -o slurm-%j.out
#SBATCH -a 1-5
#SBATCH --exclude=n3,n7

echo "started on $(hostname) at $(date)"
python ppo.py --env-id HalfCheetah-v4 --seed $SLURM_ARRAY_TASK_ID --track
