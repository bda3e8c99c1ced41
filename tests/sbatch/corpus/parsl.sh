#!/bin/bash

#SBATCH --job-name=parsl.block-0.1718
#SBATCH --output=/home/aru/runinfo/000/submit_scripts/parsl.block-0.stdout
#SBATCH --error=/home/aru/runinfo/000/submit_scripts/parsl.block-0.stderr
#SBATCH --nodes=2
#SBATCH --time=60
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --constraint=ib

export PARSL_MEMORY_GB=90
export JOBNAME="parsl.block-0"
srun --ntasks 2 -l process_worker_pool.py --max_workers_per_node=4
