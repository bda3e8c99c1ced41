#!/bin/bash
#SBATCH -G1 -C v100
a
