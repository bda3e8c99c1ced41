#!/bin/bash
#SBATCH -G1 --time=14-00:00:00
a
