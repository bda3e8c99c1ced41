#!/bin/bash -l
# Модельді оқыту: қазақ тілі
#SBATCH -J namd
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 16
#SBATCH --gres=gpu:2
#SBATCH --mem=32GB
#SBATCH -t 48:00:00
#SBATCH -o slurm-%j.out

module load namd/3.0
namd3 +p$SLURM_CPUS_PER_TASK +setcpuaffinity +devices 0,1 production.namd > production.log
