#!/bin/sh
# école d'été 2024
#SBATCH -J deepspeed
#SBATCH -N 2
#SBATCH --ntasks-per-node=1
#SBATCH -c 32
#SBATCH --gres=gpu:8
#SBATCH --mem=400GB
#SBATCH -t 2-00:00:00
#SBATCH -o slurm-%j.out

HOSTFILE=hostfile.$SLURM_JOB_ID
scontrol show hostnames $SLURM_JOB_NODELIST | sed "s/$/ slots=8/" > $HOSTFILE
deepspeed --hostfile $HOSTFILE --master_addr $(head -n1 $HOSTFILE | cut -d' ' -f1) \
    finetune.py --deepspeed ds_zero3.json --model_name_or_path meta-llama/Llama-2-13b-hf
