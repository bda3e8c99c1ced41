#!/bin/tcsh
#SBATCH -G1 -t5
setenv OMP_NUM_THREADS 1
./a.out
