#!/bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -J relion
#SBATCH -G 8
#SBATCH -N 2
#SBATCH -n 10
#SBATCH -c2
#SBATCH -t 1-06:00:00
#SBATCH --mem-per-gpu=30G
#SBATCH --export=ALL

module load relion/4.0
mpirun -n 9 relion_refine_mpi --o Refine3D/job012/run --i particles.star --gpu "" --j 2
