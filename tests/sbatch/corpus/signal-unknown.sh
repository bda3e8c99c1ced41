#!/bin/bash
#SBATCH -G1 --signal=USR3@60
a
