#! /bin/bash
# 由学生维护
#SBATCH -N1 -n1 -c4 -t1:00:00 -Jmatlab --gpus-per-node=1
#SBATCH --mem=16384M --open-mode=append --requeue

module load matlab/R2023b
matlab -nodisplay -nosplash -r "run('gpu_fft.m'); exit"
