#!/bin/sh
# école d'été 2024
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:4
#SBATCH --nodes=2 --ntasks-per-node=1
#SBATCH --cpus-per-task=32   # one per dataloader worker
#SBATCH --time=20:00:00 --mem=180G
#SBATCH --job-name="ray run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

nodes=($(scontrol show hostnames "$SLURM_JOB_NODELIST"))
head_ip=$(srun --nodes=1 --ntasks=1 -w "${nodes[0]}" hostname --ip-address)
srun --nodes=1 --ntasks=1 -w "${nodes[0]}" ray start --head --node-ip-address="$head_ip" --port=6379 --block &
sleep 10
for ((i = 1; i < SLURM_JOB_NUM_NODES; i++)); do
    srun --nodes=1 --ntasks=1 -w "${nodes[$i]}" ray start --address "$head_ip:6379" --block &
    sleep 5
done
python -u tune.py
