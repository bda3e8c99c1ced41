#!/bin/bash
#SBATCH -G1 --time=2-12
a
