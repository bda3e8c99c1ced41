#!/bin/bash
# TODO: ask IT about the walltime
#SBATCH -J jax
#SBATCH -N 2
#SBATCH --ntasks-per-node=1
#SBATCH -c 48
#SBATCH --gres=gpu:8
#SBATCH --mem=300GB
#SBATCH -t 12:00:00
#SBATCH -o slurm-%j.out

echo "started on $(hostname) at $(date)"
export XLA_FLAGS=--xla_gpu_enable_latency_hiding_scheduler=true
srun --export=ALL python -m maxtext.train configs/base.yml run_name=$SLURM_JOB_NAME
