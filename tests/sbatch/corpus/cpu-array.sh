#!/bin/bash
#SBATCH --array=1-100%20 --mem=4G -t 20
./count $SLURM_ARRAY_TASK_ID
