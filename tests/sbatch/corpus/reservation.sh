#!/bin/bash
#SBATCH -G1 --reservation=course
a
