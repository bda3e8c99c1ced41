#!/usr/bin/env bash
###############################
# job settings
###############################
#SBATCH -J matlab
#SBATCH -G 1
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c4
#SBATCH -t 1:00:00
#SBATCH --mem-per-gpu=16G
#SBATCH --export=ALL

echo "started on $(hostname) at $(date)"
module load matlab/R2023b
matlab -nodisplay -nosplash -r "run('gpu_fft.m'); exit"
