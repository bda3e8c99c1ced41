#! /bin/bash
# Training run, see README
#SBATCH -N4 -n8 -c8 -t08:00:00 -Jhorovod --gpus-per-node=2
#SBATCH --mem=65536M --open-mode=append --requeue

module load openmpi/4.1.5 cuda/11.8
mpirun -np $SLURM_NTASKS -bind-to none -map-by slot \
    -x NCCL_DEBUG=INFO -x LD_LIBRARY_PATH -x PATH \
    python keras_imagenet.py
