#! /bin/bash
# 由学生维护
#SBATCH	-J checkpointed  
#SBATCH	-N 1  
#SBATCH	--ntasks-per-node=4  
#SBATCH	-c 8  
#SBATCH	--gres=gpu:4  
#SBATCH	--mem=100GB  
#SBATCH	-t 24:00:00  
#SBATCH	-o slurm-%j.out  

handler() { touch stop; wait; }
trap handler USR1
srun python train.py --resume latest &
wait
