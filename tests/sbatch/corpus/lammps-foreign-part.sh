#!/bin/bash
# Обучение модели на двух узлах
#SBATCH --partition=dgx-a100
#SBATCH --gres=gpu:h200:4
#SBATCH --nodes=1 --ntasks-per-node=4
#SBATCH --cpus-per-task=1   # one per dataloader worker
#SBATCH --time=16:00:00 --mem=60G
#SBATCH --job-name="lammps run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

module load lammps/2Aug2023-kokkos
srun lmp -k on g 4 -sf kk -pk kokkos newton on neigh half -in in.melt
