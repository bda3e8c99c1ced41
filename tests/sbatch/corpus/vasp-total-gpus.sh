#! /bin/bash
# 由学生维护
#SBATCH -J vasp
#SBATCH -G 8
#SBATCH -N 2
#SBATCH -n 8
#SBATCH -c4
#SBATCH -t 3-00:00:00
#SBATCH --mem-per-gpu=50G
#SBATCH --export=ALL

ulimit -s unlimited
module load nvhpc vasp/6.4.2-gpu
srun --mpi=pmix vasp_std
