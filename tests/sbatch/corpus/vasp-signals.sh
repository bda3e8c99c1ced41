#!/bin/bash
#SBATCH --job-name=vasp
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=4
#SBATCH --mem=200G
#SBATCH --time=3-00:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append

echo "started on $(hostname) at $(date)"
ulimit -s unlimited
module load nvhpc vasp/6.4.2-gpu
srun --mpi=pmix vasp_std
