#!/bin/bash
#SBATCH -G1 -p gpu, short
a
