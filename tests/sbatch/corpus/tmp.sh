#!/bin/bash
#SBATCH -G1 --tmp=100G
a
