#!/bin/sh
# Модельді оқыту: қазақ тілі
#SBATCH --partition=dgx-a100
#SBATCH --gres=gpu:h200:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=4   # one per dataloader worker
#SBATCH --time=05:30:00 --mem=24G
#SBATCH --job-name="apptainer run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

apptainer exec --nv --bind /scratch/$USER:/scratch pytorch_24.05.sif \
    python /scratch/code/main.py --data /scratch/data
