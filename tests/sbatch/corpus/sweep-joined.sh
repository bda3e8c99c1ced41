#! /bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH -N1 -n1 -c4 -t06:00:00 -Jsweep --gpus-per-node=1
#SBATCH --mem=16384M --open-mode=append --requeue
#SBATCH -a0-23%6

LRS=(1e-3 3e-4 1e-4 3e-5)
SEEDS=(0 1 2 3 4 5)
lr=${LRS[$((SLURM_ARRAY_TASK_ID / 6))]}
seed=${SEEDS[$((SLURM_ARRAY_TASK_ID % 6))]}
python sweep.py --lr $lr --seed $seed --out results/$SLURM_ARRAY_JOB_ID
