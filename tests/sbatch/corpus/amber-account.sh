#! /bin/bash
# Training run, see README
#SBATCH --account=def-profname
#SBATCH -J amber
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 1
#SBATCH --gres=gpu:1
#SBATCH --mem=8GB
#SBATCH -t 7-00:00:00
#SBATCH -o slurm-%j.out

module load amber/22
pmemd.cuda -O -i prod.in -o prod.out -p sys.prmtop -c equil.rst -r prod.rst -x prod.nc
