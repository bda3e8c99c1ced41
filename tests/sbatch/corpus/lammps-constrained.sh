#! /bin/bash
# Training run, see README
#SBATCH -J lammps
#SBATCH -N 1
#SBATCH --ntasks-per-node=4
#SBATCH -c 1
#SBATCH --gres=gpu:4
#SBATCH --mem=60GB
#SBATCH -t 16:00:00
#SBATCH -o slurm-%j.out
#SBATCH --constraint=ib

module load lammps/2Aug2023-kokkos
srun lmp -k on g 4 -sf kk -pk kokkos newton on neigh half -in in.melt
