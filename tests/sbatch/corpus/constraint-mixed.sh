#!/bin/bash
#SBATCH -G1 -C 'nvlink|ib&a100' -t5
a
