#!/usr/bin/Rscript
#SBATCH -G1 -t 20 -J 'R на GPU'
library(torch)
cuda_is_available()
