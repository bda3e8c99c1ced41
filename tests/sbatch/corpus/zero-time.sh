#!/bin/bash
#SBATCH -G1 --time=0
a
