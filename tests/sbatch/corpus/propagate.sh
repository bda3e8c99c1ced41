#!/bin/bash
#SBATCH -G1 --propagate=MEMLOCK -t5
a
