#!/usr/bin/env bash

#SBATCH -J dask-worker
#SBATCH -p gpu
#SBATCH -n 1
#SBATCH --cpus-per-task=8
#SBATCH --mem=30G
#SBATCH -t 02:00:00
#SBATCH --gres=gpu:1

/opt/conda/bin/python -m distributed.cli.dask_worker tcp://10.0.0.1:40123 --name dummy-name --nthreads 2 --memory-limit 7.45GiB --nworkers 4 --nanny --death-timeout 60
