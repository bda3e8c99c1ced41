#!/bin/sh
# TODO: ask IT about the walltime
#SBATCH --job-name=namd
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --mem=32G
#SBATCH --time=48:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --dependency=singleton

module load namd/3.0
namd3 +p$SLURM_CPUS_PER_TASK +setcpuaffinity +devices 0,1 production.namd > production.log
