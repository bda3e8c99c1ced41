#!/usr/bin/env bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -p gpu
#SBATCH --gres=gpu:a100:4
#SBATCH --nodes=2 --ntasks-per-node=4
#SBATCH --cpus-per-task=8   # one per dataloader worker
#SBATCH --time=1-00:00:00 --mem=120G
#SBATCH --job-name="ddp-srun run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
source ~/miniconda3/etc/profile.d/conda.sh
conda activate torch

export MASTER_ADDR=$(hostname)
export MASTER_PORT=$((10000 + SLURM_JOB_ID % 20000))
srun python train_ddp.py --epochs 90 --batch-size 256
