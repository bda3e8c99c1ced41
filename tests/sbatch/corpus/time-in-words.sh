#!/bin/bash
#SBATCH -G1 --time=2h
a
