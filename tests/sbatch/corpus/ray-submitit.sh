#!/bin/bash
# Training run, see README

# Parameters
#SBATCH --cpus-per-task=32
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=4
#SBATCH --job-name=ray
#SBATCH --mem=180GB
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=20:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

nodes=($(scontrol show hostnames "$SLURM_JOB_NODELIST"))
head_ip=$(srun --nodes=1 --ntasks=1 -w "${nodes[0]}" hostname --ip-address)
srun --nodes=1 --ntasks=1 -w "${nodes[0]}" ray start --head --node-ip-address="$head_ip" --port=6379 --block &
sleep 10
for ((i = 1; i < SLURM_JOB_NUM_NODES; i++)); do
    srun --nodes=1 --ntasks=1 -w "${nodes[$i]}" ray start --address "$head_ip:6379" --block &
    sleep 5
done
python -u tune.py
