#!/bin/bash
#SBATCH -G1 --array=1-
a
