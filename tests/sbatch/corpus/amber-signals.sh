#!/bin/sh
#SBATCH --job-name=amber
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=8G
#SBATCH --time=7-00:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append

module load amber/22
pmemd.cuda -O -i prod.in -o prod.out -p sys.prmtop -c equil.rst -r prod.rst -x prod.nc
