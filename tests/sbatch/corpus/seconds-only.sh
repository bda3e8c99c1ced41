#!/bin/bash
#SBATCH -G1 --time=0:0:45
a
