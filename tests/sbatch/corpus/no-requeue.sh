#!/bin/bash
#SBATCH -G1 --no-requeue -t5
a
