#! /bin/bash
###############################
# job settings
###############################
#SBATCH -p gpu
#SBATCH --gres=gpu:h200:2
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=16   # one per dataloader worker
#SBATCH --time=48:00:00 --mem=32G
#SBATCH --job-name="namd run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

module load namd/3.0
namd3 +p$SLURM_CPUS_PER_TASK +setcpuaffinity +devices 0,1 production.namd > production.log
