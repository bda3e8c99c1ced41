#!/bin/bash -l
# автор: Айгерім
#SBATCH	-J ddp-torchrun  
#SBATCH	-N 2  
#SBATCH	--ntasks-per-node=1  
#SBATCH	-c 16  
#SBATCH	--gres=gpu:4  
#SBATCH	--mem=128GB  
#SBATCH	-t 12:00:00  
#SBATCH	-o slurm-%j.out  

module purge
module load cuda/12.4 nccl

export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export MASTER_PORT=29500
export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK

srun torchrun \
    --nnodes=$SLURM_NNODES \
    --nproc_per_node=$SLURM_GPUS_ON_NODE \
    --rdzv_backend=c10d \
    --rdzv_endpoint=$MASTER_ADDR:$MASTER_PORT \
    train.py --config configs/base.yaml
