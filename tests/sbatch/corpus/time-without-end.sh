#!/bin/bash
#SBATCH -G1 --time=UNLIMITED
a
