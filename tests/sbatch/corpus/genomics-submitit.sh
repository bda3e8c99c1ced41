#!/bin/bash -l
# автор: Айгерім

# Parameters
#SBATCH --cpus-per-task=8
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=1
#SBATCH --job-name=genomics
#SBATCH --mem=48GB
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=12:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

dorado basecaller sup pod5/ --device cuda:all > calls.bam
samtools sort -@ $SLURM_CPUS_PER_TASK -o sorted.bam calls.bam
