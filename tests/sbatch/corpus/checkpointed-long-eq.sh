#!/usr/bin/env bash
###############################
# job settings
###############################
#SBATCH --job-name=checkpointed
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=8
#SBATCH --mem=100G
#SBATCH --time=24:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

echo "started on $(hostname) at $(date)"
handler() { touch stop; wait; }
trap handler USR1
srun python train.py --resume latest &
wait
