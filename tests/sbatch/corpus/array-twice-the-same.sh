#!/bin/bash
#SBATCH -G1 --array=1,1,2-3,3 -t5
a
