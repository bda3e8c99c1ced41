#! /bin/bash
###############################
# job settings
###############################
#SBATCH -J wrf
#SBATCH -N 2
#SBATCH --ntasks-per-node=8
#SBATCH -c 2
#SBATCH --gres=gpu:2
#SBATCH --mem=100GB
#SBATCH -t 10:00:00
#SBATCH -o slurm-%j.out

cd $SLURM_SUBMIT_DIR
srun ./real.exe && srun ./wrf.exe
