#!/bin/bash
# TODO: ask IT about the walltime
#SBATCH -J quantum-espresso
#SBATCH -N 1
#SBATCH --ntasks-per-node=2
#SBATCH -c 8
#SBATCH --gres=gpu:2
#SBATCH --mem=90GB
#SBATCH -t 12:00:00
#SBATCH -o slurm-%j.out

echo "started on $(hostname) at $(date)"
module load qe/7.2-gpu
srun pw.x -npool 2 -in scf.in > scf.out
srun pw.x -npool 2 -in nscf.in > nscf.out
