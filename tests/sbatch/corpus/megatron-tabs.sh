#!/bin/sh
#SBATCH	-J megatron  
#SBATCH	-N 4  
#SBATCH	--ntasks-per-node=8  
#SBATCH	-c 8  
#SBATCH	--gres=gpu:8  
#SBATCH	--mem=450GB  
#SBATCH	-t 6-00:00:00  
#SBATCH	-o slurm-%j.out  

export CUDA_DEVICE_MAX_CONNECTIONS=1
export NCCL_IB_HCA=mlx5
srun --kill-on-bad-exit=1 python pretrain_gpt.py \
    --tensor-model-parallel-size 8 --pipeline-model-parallel-size 2 \
    --num-layers 40 --hidden-size 5120 --micro-batch-size 1 --bf16
