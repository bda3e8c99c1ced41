#!/bin/bash
# école d'été 2024
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:2
#SBATCH --nodes=2 --ntasks-per-node=8
#SBATCH --cpus-per-task=2   # one per dataloader worker
#SBATCH --time=10:00:00 --mem=100G
#SBATCH --job-name="wrf run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
cd $SLURM_SUBMIT_DIR
srun ./real.exe && srun ./wrf.exe
