#! /bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name=rl
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --mem=40G
#SBATCH --time=20:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --array=1-5

python ppo.py --env-id HalfCheetah-v4 --seed $SLURM_ARRAY_TASK_ID --track
