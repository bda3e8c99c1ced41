#!/bin/bash
#SBATCH -G1 --mail-type=BEGIN,END,FAIL,TIME_LIMIT_80 --mail-user=me@lab.kz -t5
a
