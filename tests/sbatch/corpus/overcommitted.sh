#!/bin/bash
#SBATCH -G1 -n8 --overcommit
srun a
