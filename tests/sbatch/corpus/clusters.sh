#!/bin/bash
#SBATCH -G1 -M all
a
