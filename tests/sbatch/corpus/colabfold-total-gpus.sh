#! /bin/bash
# Обучение модели на двух узлах
#SBATCH -J colabfold
#SBATCH -G 1
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c8
#SBATCH -t 10:00:00
#SBATCH --mem-per-gpu=64G
#SBATCH --export=ALL

module load apptainer
apptainer run --nv -B $HOME/.cache:/cache colabfold_1.5.5.sif \
    colabfold_batch --num-recycle 3 --amber --use-gpu-relax input.fasta out_$SLURM_JOB_ID
