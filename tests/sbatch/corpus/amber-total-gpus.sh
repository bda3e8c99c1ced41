#!/usr/bin/env bash
# 由学生维护
#SBATCH -J amber
#SBATCH -G 1
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c1
#SBATCH -t 7-00:00:00
#SBATCH --mem-per-gpu=8G
#SBATCH --export=ALL

echo "started on $(hostname) at $(date)"
module load amber/22
pmemd.cuda -O -i prod.in -o prod.out -p sys.prmtop -c equil.rst -r prod.rst -x prod.nc
