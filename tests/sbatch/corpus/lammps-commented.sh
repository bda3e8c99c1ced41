#!/bin/sh
#SBATCH --job-name=lammps          # Job name
#SBATCH --nodes=1                  # Number of nodes
#SBATCH --ntasks=4                # Total number of tasks
#SBATCH --cpus-per-task=1         # Cores per task
#SBATCH --gpus-per-node=4         # GPUs on each node
#SBATCH --mem=60gb                 # Memory per node
#SBATCH --time=16:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

module load lammps/2Aug2023-kokkos
srun lmp -k on g 4 -sf kk -pk kokkos newton on neigh half -in in.melt
