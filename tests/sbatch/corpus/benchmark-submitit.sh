#!/bin/sh
# автор: Айгерім

# Parameters
#SBATCH --cpus-per-task=4
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=1
#SBATCH --job-name=benchmark
#SBATCH --mem=20GB
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=15
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

module load osu nccl-tests
srun --mpi=pmix all_reduce_perf -b 8 -e 8G -f 2 -g 1
