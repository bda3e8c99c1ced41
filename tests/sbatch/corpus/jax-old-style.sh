#! /bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name jax
#SBATCH --nodes 2-2
#SBATCH --tasks-per-node 1
#SBATCH --cpus-per-task 48
#SBATCH --gres gpu:8
#SBATCH --mem 300G
#SBATCH --time 12:00:00
#SBATCH --workdir=.

export XLA_FLAGS=--xla_gpu_enable_latency_hiding_scheduler=true
srun --export=ALL python -m maxtext.train configs/base.yml run_name=$SLURM_JOB_NAME
