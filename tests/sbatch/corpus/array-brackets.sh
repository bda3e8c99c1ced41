#!/bin/bash
#SBATCH -G1 --array=[1-5]
a
