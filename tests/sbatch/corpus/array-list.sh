#!/bin/bash
#SBATCH -G1 --array=1,3,5,7,11-13%2 -t5
a
