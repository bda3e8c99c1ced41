#!/bin/bash
#SBATCH -G1 -C nvlink,ib -t5
a
