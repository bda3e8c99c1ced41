#!/bin/bash
#SBATCH -G1 --get-user-env
a
