#!/bin/bash
#PBS -N train
#PBS -l select=1:ncpus=8:ngpus=1
#PBS -l walltime=02:00:00
cd $PBS_O_WORKDIR
python train.py
