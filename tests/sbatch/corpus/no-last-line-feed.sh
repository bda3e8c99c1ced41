#!/bin/bash
#SBATCH -G1 -t5
python a.py