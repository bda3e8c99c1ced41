#!/bin/bash
#SBATCH -G1 --hold
a
