#!/bin/bash -l
#SBATCH -J nextflow
#SBATCH -G 1
#SBATCH -N 1
#SBATCH -n 1
#SBATCH -c2
#SBATCH -t 5-00:00:00
#SBATCH --mem-per-gpu=8G
#SBATCH --export=ALL

module load java/17
export NXF_OPTS='-Xms500M -Xmx4G'
nextflow run nf-core/rnaseq -r 3.14.0 -profile singularity,slurm --input samples.csv -resume
