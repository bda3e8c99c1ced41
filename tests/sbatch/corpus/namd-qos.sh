#!/usr/bin/env bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name=namd
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --mem=32G
#SBATCH --time=48:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --qos=gpu-medium
#SBATCH --partition=gpu

echo "started on $(hostname) at $(date)"
module load namd/3.0
namd3 +p$SLURM_CPUS_PER_TASK +setcpuaffinity +devices 0,1 production.namd > production.log
