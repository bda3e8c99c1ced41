#!/bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -J benchmark
#SBATCH -N 2
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=20GB
#SBATCH -t 15
#SBATCH -o slurm-%j.out

module load osu nccl-tests
srun --mpi=pmix all_reduce_perf -b 8 -e 8G -f 2 -g 1
