#!/bin/sh
# автор: Айгерім
#SBATCH -J jupyter
#SBATCH -G 1
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c8
#SBATCH -t 04:00:00
#SBATCH --mem-per-gpu=32G
#SBATCH --export=ALL

port=$(shuf -i 8000-9999 -n 1)
echo "ssh -N -L ${port}:$(hostname):${port} ${USER}@login"
jupyter lab --no-browser --ip=0.0.0.0 --port=${port}
