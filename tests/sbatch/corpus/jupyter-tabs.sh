#! /bin/bash
# Обучение модели на двух узлах
#SBATCH	-J jupyter  
#SBATCH	-N 1  
#SBATCH	--ntasks-per-node=1  
#SBATCH	-c 8  
#SBATCH	--gres=gpu:1  
#SBATCH	--mem=32GB  
#SBATCH	-t 04:00:00  
#SBATCH	-o slurm-%j.out  

port=$(shuf -i 8000-9999 -n 1)
echo "ssh -N -L ${port}:$(hostname):${port} ${USER}@login"
jupyter lab --no-browser --ip=0.0.0.0 --port=${port}
