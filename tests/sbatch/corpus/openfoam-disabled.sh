#!/bin/sh
# автор: Айгерім
#SBATCH --job-name=openfoam
##SBATCH --partition=debug
# #SBATCH --qos=debug
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=16
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=60G
#SBATCH --time=08:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err

# --- end of settings
#SBATCH --mail-type=ALL

. /opt/openfoam11/etc/bashrc
decomposePar -force
srun foamRun -parallel > log.foamRun
reconstructPar -latestTime
