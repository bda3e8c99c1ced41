#!/bin/bash
#SBATCH -G1 --mail-type=FINISHED
a
