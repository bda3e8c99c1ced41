#!/bin/sh
# Модельді оқыту: қазақ тілі
#SBATCH --job-name=quantum-espresso
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=8
#SBATCH --mem=90G
#SBATCH --time=12:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

module load qe/7.2-gpu
srun pw.x -npool 2 -in scf.in > scf.out
srun pw.x -npool 2 -in nscf.in > nscf.out
