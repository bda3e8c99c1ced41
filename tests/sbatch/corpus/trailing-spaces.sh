#!/bin/bash   
#SBATCH -G1   
#SBATCH -t5	
a
