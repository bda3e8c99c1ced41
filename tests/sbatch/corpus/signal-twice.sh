#!/bin/bash
#SBATCH -G1 --signal=B:USR1@60 -t5
#SBATCH --signal=TERM@30
a
