#!/usr/bin/env bash
# 由学生维护
#SBATCH --job-name=horovod          # Job name
#SBATCH --nodes=4                  # Number of nodes
#SBATCH --ntasks=8                # Total number of tasks
#SBATCH --cpus-per-task=8         # Cores per task
#SBATCH --gpus-per-node=2         # GPUs on each node
#SBATCH --mem=64gb                 # Memory per node
#SBATCH --time=08:00:00            # Time limit
#SBATCH --output=%x_%j.log          # Standard output and error log

echo "started on $(hostname) at $(date)"
module load openmpi/4.1.5 cuda/11.8
mpirun -np $SLURM_NTASKS -bind-to none -map-by slot \
    -x NCCL_DEBUG=INFO -x LD_LIBRARY_PATH -x PATH \
    python keras_imagenet.py
