#!/bin/bash
###############################
# job settings
###############################
#SBATCH -N4 -n32 -c8 -t6-00:00:00 -Jmegatron --gpus-per-node=8
#SBATCH --mem=460800M --open-mode=append --requeue

export CUDA_DEVICE_MAX_CONNECTIONS=1
export NCCL_IB_HCA=mlx5
srun --kill-on-bad-exit=1 python pretrain_gpt.py \
    --tensor-model-parallel-size 8 --pipeline-model-parallel-size 2 \
    --num-layers 40 --hidden-size 5120 --micro-batch-size 1 --bf16
