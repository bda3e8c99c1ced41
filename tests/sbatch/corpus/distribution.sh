#!/bin/bash
#SBATCH -G2 -N1 -n2 -m block:cyclic
srun a
