#!/bin/bash
# Training run, see README
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=8   # one per dataloader worker
#SBATCH --time=12:00:00 --mem=48G
#SBATCH --job-name="genomics run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

dorado basecaller sup pod5/ --device cuda:all > calls.bam
samtools sort -@ $SLURM_CPUS_PER_TASK -o sorted.bam calls.bam
