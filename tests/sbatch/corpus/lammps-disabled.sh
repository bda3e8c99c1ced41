#!/bin/bash
# автор: Айгерім
#SBATCH --job-name=lammps
##SBATCH --partition=debug
# #SBATCH --qos=debug
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=1
#SBATCH --mem=60G
#SBATCH --time=16:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

# --- end of settings
#SBATCH --mail-type=ALL

echo "started on $(hostname) at $(date)"
module load lammps/2Aug2023-kokkos
srun lmp -k on g 4 -sf kk -pk kokkos newton on neigh half -in in.melt
