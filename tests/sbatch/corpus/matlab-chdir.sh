#!/bin/bash
#SBATCH -J matlab
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=16GB
#SBATCH -t 1:00:00
#SBATCH -o slurm-%j.out
#SBATCH --chdir=/scratch/project
#SBATCH --export=NONE
#SBATCH --input=/dev/null

echo "started on $(hostname) at $(date)"
module load matlab/R2023b
matlab -nodisplay -nosplash -r "run('gpu_fft.m'); exit"
