#!/bin/bash -l
# école d'été 2024
#SBATCH -N1 -n1 -c1 -t7-00:00:00 -Jamber --gpus-per-node=1
#SBATCH --mem=8192M --open-mode=append --requeue

module load amber/22
pmemd.cuda -O -i prod.in -o prod.out -p sys.prmtop -c equil.rst -r prod.rst -x prod.nc
