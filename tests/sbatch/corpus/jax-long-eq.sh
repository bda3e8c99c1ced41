#!/usr/bin/env bash
# Обучение модели на двух узлах
#SBATCH --job-name=jax
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=48
#SBATCH --mem=300G
#SBATCH --time=12:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

echo "started on $(hostname) at $(date)"
export XLA_FLAGS=--xla_gpu_enable_latency_hiding_scheduler=true
srun --export=ALL python -m maxtext.train configs/base.yml run_name=$SLURM_JOB_NAME
