#!/bin/bash
# автор: Айгерім
#SBATCH -J horovod
#SBATCH -N 4
#SBATCH --ntasks-per-node=2
#SBATCH -c 8
#SBATCH --gres=gpu:2
#SBATCH --mem=64GB
#SBATCH -t 08:00:00
#SBATCH -o slurm-%j.out
#SBATCH --chdir=/scratch/project
#SBATCH --export=NONE
#SBATCH --input=/dev/null

echo "started on $(hostname) at $(date)"
module load openmpi/4.1.5 cuda/11.8
mpirun -np $SLURM_NTASKS -bind-to none -map-by slot \
    -x NCCL_DEBUG=INFO -x LD_LIBRARY_PATH -x PATH \
    python keras_imagenet.py
