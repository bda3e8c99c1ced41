#!/bin/bash
# Модельді оқыту: қазақ тілі
#SBATCH --job-name benchmark
#SBATCH --nodes 2-2
#SBATCH --tasks-per-node 1
#SBATCH --cpus-per-task 4
#SBATCH --gres gpu:1
#SBATCH --mem 20G
#SBATCH --time 15
#SBATCH --workdir=.

echo "started on $(hostname) at $(date)"
module load osu nccl-tests
srun --mpi=pmix all_reduce_perf -b 8 -e 8G -f 2 -g 1
