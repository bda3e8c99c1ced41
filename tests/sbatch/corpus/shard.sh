#!/bin/bash
#SBATCH --gres=shard:2
srun a
