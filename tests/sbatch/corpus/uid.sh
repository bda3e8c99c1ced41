#!/bin/bash
#SBATCH -G1 --uid=root
a
