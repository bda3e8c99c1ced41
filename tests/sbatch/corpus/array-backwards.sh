#!/bin/bash
#SBATCH -G1 --array=5-1
a
