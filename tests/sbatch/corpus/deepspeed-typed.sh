#!/bin/bash -l
# TODO: ask IT about the walltime
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:8
#SBATCH --nodes=2 --ntasks-per-node=1
#SBATCH --cpus-per-task=32   # one per dataloader worker
#SBATCH --time=2-00:00:00 --mem=400G
#SBATCH --job-name="deepspeed run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

HOSTFILE=hostfile.$SLURM_JOB_ID
scontrol show hostnames $SLURM_JOB_NODELIST | sed "s/$/ slots=8/" > $HOSTFILE
deepspeed --hostfile $HOSTFILE --master_addr $(head -n1 $HOSTFILE | cut -d' ' -f1) \
    finetune.py --deepspeed ds_zero3.json --model_name_or_path meta-llama/Llama-2-13b-hf
