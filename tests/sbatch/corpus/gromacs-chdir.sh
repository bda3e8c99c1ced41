#!/usr/bin/env bash
# Обучение модели на двух узлах
#SBATCH -J gromacs
#SBATCH -N 1
#SBATCH --ntasks-per-node=4
#SBATCH -c 8
#SBATCH --gres=gpu:4
#SBATCH --mem=64GB
#SBATCH -t 24:00:00
#SBATCH -o slurm-%j.out
#SBATCH --chdir=/scratch/project
#SBATCH --export=NONE
#SBATCH --input=/dev/null

echo "started on $(hostname) at $(date)"
module load gromacs/2023.3-cuda
export GMX_ENABLE_DIRECT_GPU_COMM=1
gmx mdrun -deffnm md_0_1 -ntmpi $SLURM_NTASKS -ntomp $SLURM_CPUS_PER_TASK \
    -nb gpu -pme gpu -npme 1 -bonded gpu -update gpu -maxh 23.5 -cpi md_0_1.cpt
