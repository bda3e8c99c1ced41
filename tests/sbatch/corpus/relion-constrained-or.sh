#!/bin/sh
# école d'été 2024
#SBATCH --job-name=relion
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=5
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=2
#SBATCH --mem=120G
#SBATCH --time=1-06:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH -C "nvlink|a100"

module load relion/4.0
mpirun -n 9 relion_refine_mpi --o Refine3D/job012/run --i particles.star --gpu "" --j 2
