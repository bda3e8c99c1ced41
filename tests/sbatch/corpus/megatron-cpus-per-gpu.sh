#!/usr/bin/env bash
# 由学生维护
#SBATCH --nodes=4
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-gpu=4
#SBATCH --mem-per-cpu=2G
#SBATCH --time=6-00:00:00
#SBATCH --job-name=megatron

echo "started on $(hostname) at $(date)"
export CUDA_DEVICE_MAX_CONNECTIONS=1
export NCCL_IB_HCA=mlx5
srun --kill-on-bad-exit=1 python pretrain_gpt.py \
    --tensor-model-parallel-size 8 --pipeline-model-parallel-size 2 \
    --num-layers 40 --hidden-size 5120 --micro-batch-size 1 --bf16
