#!/bin/bash
#SBATCH -G1 --wait -t5
a
