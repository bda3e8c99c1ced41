#!/bin/bash
#SBATCH -G1 --nodelist=n[1-2]
a
