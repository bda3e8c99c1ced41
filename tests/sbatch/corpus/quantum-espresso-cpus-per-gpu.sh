#!/bin/bash
###############################
# job settings
###############################
#SBATCH --nodes=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-gpu=4
#SBATCH --mem-per-cpu=2G
#SBATCH --time=12:00:00
#SBATCH --job-name=quantum-espresso

module load qe/7.2-gpu
srun pw.x -npool 2 -in scf.in > scf.out
srun pw.x -npool 2 -in nscf.in > nscf.out
