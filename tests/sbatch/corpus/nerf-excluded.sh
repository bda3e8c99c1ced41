#! /bin/bash
###############################
# job settings
###############################
#SBATCH -J nerf
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 6
#SBATCH --gres=gpu:1
#SBATCH --mem=30GB
#SBATCH -t 2:30:00
#SBATCH -o slurm-%j.out
#SBATCH --exclude=n3,n7

ns-train nerfacto --data data/scan --viewer.quit-on-train-completion True
