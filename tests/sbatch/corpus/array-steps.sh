#!/bin/bash
#SBATCH -G1 -a 0-100:25 -t5
a
