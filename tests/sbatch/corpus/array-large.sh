#!/bin/bash
#SBATCH -G1 --array=0-99999
a
