#!/bin/sh
# école d'été 2024
#SBATCH -J vasp
#SBATCH --ntasks=8
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=4
#SBATCH --time=3-00:00:00

ulimit -s unlimited
module load nvhpc vasp/6.4.2-gpu
srun --mpi=pmix vasp_std
