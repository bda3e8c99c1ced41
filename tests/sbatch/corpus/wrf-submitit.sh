#!/bin/bash -l

# Parameters
#SBATCH --cpus-per-task=2
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=2
#SBATCH --job-name=wrf
#SBATCH --mem=100GB
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=10:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

cd $SLURM_SUBMIT_DIR
srun ./real.exe && srun ./wrf.exe
