#! /bin/bash
# Обучение модели на двух узлах
#SBATCH --partition=dgx-a100
#SBATCH --gres=gpu:h200:1
#SBATCH --nodes=1 --ntasks-per-node=16
#SBATCH --cpus-per-task=1   # one per dataloader worker
#SBATCH --time=08:00:00 --mem=60G
#SBATCH --job-name="openfoam run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

. /opt/openfoam11/etc/bashrc
decomposePar -force
srun foamRun -parallel > log.foamRun
reconstructPar -latestTime
