#!/bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name=colabfold
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --exclusive
#SBATCH --time=10:00:00

module load apptainer
apptainer run --nv -B $HOME/.cache:/cache colabfold_1.5.5.sif \
    colabfold_batch --num-recycle 3 --amber --use-gpu-relax input.fasta out_$SLURM_JOB_ID
