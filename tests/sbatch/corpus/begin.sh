#!/bin/bash
#SBATCH -G1 --begin=now+1hour
a
