#!/usr/bin/env bash
###############################
# job settings
###############################
#SBATCH --job-name deepspeed
#SBATCH --nodes 2-2
#SBATCH --tasks-per-node 1
#SBATCH --cpus-per-task 32
#SBATCH --gres gpu:8
#SBATCH --mem 400G
#SBATCH --time 2-00:00:00
#SBATCH --workdir=.

echo "started on $(hostname) at $(date)"
HOSTFILE=hostfile.$SLURM_JOB_ID
scontrol show hostnames $SLURM_JOB_NODELIST | sed "s/$/ slots=8/" > $HOSTFILE
deepspeed --hostfile $HOSTFILE --master_addr $(head -n1 $HOSTFILE | cut -d' ' -f1) \
    finetune.py --deepspeed ds_zero3.json --model_name_or_path meta-llama/Llama-2-13b-hf
