#!/bin/bash -l
#SBATCH -J sweep-list
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 2
#SBATCH --gres=gpu:1
#SBATCH --mem=8GB
#SBATCH -t 90
#SBATCH -o slurm-%j.out
#SBATCH -a 1-40
#SBATCH --constraint=ib

ARGS=$(sed -n "${SLURM_ARRAY_TASK_ID}p" params.txt)
echo "task $SLURM_ARRAY_TASK_ID: $ARGS"
python run.py $ARGS
