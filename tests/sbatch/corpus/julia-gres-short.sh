#!/bin/sh
# TODO: ask IT about the walltime
#SBATCH -J julia
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=16GB
#SBATCH -t 01:30:00
#SBATCH -o slurm-%j.out

export JULIA_NUM_THREADS=$SLURM_CPUS_PER_TASK
julia --project=. sim.jl
