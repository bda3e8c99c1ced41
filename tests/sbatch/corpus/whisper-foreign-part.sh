#!/bin/bash -l
# автор: Айгерім
#SBATCH --partition=dgx-a100
#SBATCH --gres=gpu:h200:1
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=4   # one per dataloader worker
#SBATCH --time=03:00:00 --mem=20G
#SBATCH --job-name="whisper run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz
#SBATCH --array=0-9

FILES=(audio/*.wav)
whisper "${FILES[$SLURM_ARRAY_TASK_ID]}" --model large-v3 --language Kazakh --output_dir text
