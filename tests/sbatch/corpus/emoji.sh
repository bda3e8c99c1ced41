#!/bin/bash
#SBATCH -G1 -t5 -J '🚀 launch'
python a.py
