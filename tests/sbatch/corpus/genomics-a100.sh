#!/usr/bin/env bash
# Обучение модели на двух узлах
#SBATCH -p gpu
#SBATCH --gres=gpu:a100:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=8   # one per dataloader worker
#SBATCH --time=12:00:00 --mem=48G
#SBATCH --job-name="genomics run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
dorado basecaller sup pod5/ --device cuda:all > calls.bam
samtools sort -@ $SLURM_CPUS_PER_TASK -o sorted.bam calls.bam
