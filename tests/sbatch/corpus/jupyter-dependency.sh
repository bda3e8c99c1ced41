#!/bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name=jupyter
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=32G
#SBATCH --time=04:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --dependency=singleton

port=$(shuf -i 8000-9999 -n 1)
echo "ssh -N -L ${port}:$(hostname):${port} ${USER}@login"
jupyter lab --no-browser --ip=0.0.0.0 --port=${port}
