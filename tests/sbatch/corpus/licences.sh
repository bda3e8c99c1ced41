#!/bin/bash
#SBATCH -G1 -L matlab:1
matlab -batch a
