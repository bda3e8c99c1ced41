#!/usr/bin/env bash
###############################
# job settings
###############################
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:4
#SBATCH --nodes=2 --ntasks-per-node=5
#SBATCH --cpus-per-task=2   # one per dataloader worker
#SBATCH --time=1-06:00:00 --mem=120G
#SBATCH --job-name="relion run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
module load relion/4.0
mpirun -n 9 relion_refine_mpi --o Refine3D/job012/run --i particles.star --gpu "" --j 2
