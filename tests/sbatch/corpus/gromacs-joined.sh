#!/bin/bash -l
# автор: Айгерім
#SBATCH -N1 -n4 -c8 -t24:00:00 -Jgromacs --gpus-per-node=4
#SBATCH --mem=65536M --open-mode=append --requeue

module load gromacs/2023.3-cuda
export GMX_ENABLE_DIRECT_GPU_COMM=1
gmx mdrun -deffnm md_0_1 -ntmpi $SLURM_NTASKS -ntomp $SLURM_CPUS_PER_TASK \
    -nb gpu -pme gpu -npme 1 -bonded gpu -update gpu -maxh 23.5 -cpi md_0_1.cpt
