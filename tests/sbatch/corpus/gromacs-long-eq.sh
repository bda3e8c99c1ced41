#!/bin/bash
# Training run, see README
#SBATCH --job-name=gromacs
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=8
#SBATCH --mem=64G
#SBATCH --time=24:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

module load gromacs/2023.3-cuda
export GMX_ENABLE_DIRECT_GPU_COMM=1
gmx mdrun -deffnm md_0_1 -ntmpi $SLURM_NTASKS -ntomp $SLURM_CPUS_PER_TASK \
    -nb gpu -pme gpu -npme 1 -bonded gpu -update gpu -maxh 23.5 -cpi md_0_1.cpt
