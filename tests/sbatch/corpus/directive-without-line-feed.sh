#!/bin/bash
#SBATCH -G1 -t5