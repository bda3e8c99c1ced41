#!/bin/bash
# Модельді оқыту: қазақ тілі
#SBATCH -J openfoam
#SBATCH -N 1
#SBATCH --ntasks-per-node=16
#SBATCH -c 1
#SBATCH --gres=gpu:1
#SBATCH --mem=60GB
#SBATCH -t 08:00:00
#SBATCH -o slurm-%j.out
#SBATCH --exclude=n3,n7

echo "started on $(hostname) at $(date)"
. /opt/openfoam11/etc/bashrc
decomposePar -force
srun foamRun -parallel > log.foamRun
reconstructPar -latestTime
