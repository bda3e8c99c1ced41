#!/bin/bash -l
# TODO: ask IT about the walltime
#SBATCH --job-name=relion
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=5
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=2
#SBATCH --mem=120G
#SBATCH --time=1-06:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --dependency=singleton

module load relion/4.0
mpirun -n 9 relion_refine_mpi --o Refine3D/job012/run --i particles.star --gpu "" --j 2
