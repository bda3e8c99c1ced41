#!/bin/bash
#SBATCH -G1 -t5 -o 'нәтиже/%j.txt'
python a.py
