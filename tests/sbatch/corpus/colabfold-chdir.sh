#!/bin/bash
# Модельді оқыту: қазақ тілі
#SBATCH -J colabfold
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 8
#SBATCH --gres=gpu:1
#SBATCH --mem=64GB
#SBATCH -t 10:00:00
#SBATCH -o slurm-%j.out
#SBATCH --chdir=/scratch/project
#SBATCH --export=NONE
#SBATCH --input=/dev/null

echo "started on $(hostname) at $(date)"
module load apptainer
apptainer run --nv -B $HOME/.cache:/cache colabfold_1.5.5.sif \
    colabfold_batch --num-recycle 3 --amber --use-gpu-relax input.fasta out_$SLURM_JOB_ID
