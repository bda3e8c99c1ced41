#! /bin/bash
# Обучение модели на двух узлах
#SBATCH -p gpu
#SBATCH --gres=gpu:a100:2
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=12   # one per dataloader worker
#SBATCH --time=14:00:00 --mem=64G
#SBATCH --job-name="tensorflow run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

module load tensorflow/2.15
python3 -u mnist_distributed.py
