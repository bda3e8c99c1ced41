#!/usr/bin/env bash
# Training run, see README

# Parameters
#SBATCH --cpus-per-task=1
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=1
#SBATCH --job-name=openfoam
#SBATCH --mem=60GB
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=16
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=08:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

echo "started on $(hostname) at $(date)"
. /opt/openfoam11/etc/bashrc
decomposePar -force
srun foamRun -parallel > log.foamRun
reconstructPar -latestTime
