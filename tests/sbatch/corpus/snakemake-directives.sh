#!/bin/bash
#SBATCH --job-name=smk-{rule}
#SBATCH --gpus=1 --mem=8000 --time=120
#SBATCH --output="logs/{rule}/{wildcards}.out"
snakemake --profile slurm
