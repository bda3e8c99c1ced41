#!/bin/bash
#SBATCH -G1 --signal=10@60 -t5
a
