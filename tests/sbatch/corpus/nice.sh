#!/bin/bash
#SBATCH -G1 --nice=100
a
