#!/usr/bin/env bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name julia
#SBATCH --nodes 1-1
#SBATCH --tasks-per-node 1
#SBATCH --cpus-per-task 4
#SBATCH --gres gpu:1
#SBATCH --mem 16G
#SBATCH --time 01:30:00
#SBATCH --workdir=.

echo "started on $(hostname) at $(date)"
export JULIA_NUM_THREADS=$SLURM_CPUS_PER_TASK
julia --project=. sim.jl
