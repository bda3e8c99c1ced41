#!/bin/sh
# Модельді оқыту: қазақ тілі
#SBATCH -J genomics
#SBATCH --ntasks=1
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00

dorado basecaller sup pod5/ --device cuda:all > calls.bam
samtools sort -@ $SLURM_CPUS_PER_TASK -o sorted.bam calls.bam
