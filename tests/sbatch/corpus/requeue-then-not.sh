#!/bin/bash
#SBATCH -G1 --requeue
#SBATCH --no-requeue -t5
a
