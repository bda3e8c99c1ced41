#!/bin/bash
#SBATCH -G1 -p gpu,short -t5
a
