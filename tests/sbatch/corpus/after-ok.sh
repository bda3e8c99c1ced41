#!/bin/bash
#SBATCH -G1 --dependency=afterok:12345
a
