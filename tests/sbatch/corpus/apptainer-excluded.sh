#! /bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -J apptainer
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 4
#SBATCH --gres=gpu:1
#SBATCH --mem=24GB
#SBATCH -t 05:30:00
#SBATCH -o slurm-%j.out
#SBATCH --exclude=n3,n7

apptainer exec --nv --bind /scratch/$USER:/scratch pytorch_24.05.sif \
    python /scratch/code/main.py --data /scratch/data
