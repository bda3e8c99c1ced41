#!/bin/bash
#SBATCH -G1 -c8 --hint=nomultithread
srun a
