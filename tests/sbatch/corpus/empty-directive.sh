#!/bin/bash
#SBATCH
#SBATCH -G1 -t5
#SBATCH # nothing
a
