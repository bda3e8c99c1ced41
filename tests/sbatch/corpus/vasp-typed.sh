#!/usr/bin/env bash
###############################
# job settings
###############################
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:4
#SBATCH --nodes=2 --ntasks-per-node=4
#SBATCH --cpus-per-task=4   # one per dataloader worker
#SBATCH --time=3-00:00:00 --mem=200G
#SBATCH --job-name="vasp run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
ulimit -s unlimited
module load nvhpc vasp/6.4.2-gpu
srun --mpi=pmix vasp_std
