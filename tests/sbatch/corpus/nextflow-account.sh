#!/bin/sh
# автор: Айгерім
#SBATCH --account=def-profname
#SBATCH -J nextflow
#SBATCH -N 1
#SBATCH --ntasks-per-node=1
#SBATCH -c 2
#SBATCH --gres=gpu:1
#SBATCH --mem=8GB
#SBATCH -t 5-00:00:00
#SBATCH -o slurm-%j.out

module load java/17
export NXF_OPTS='-Xms500M -Xmx4G'
nextflow run nf-core/rnaseq -r 3.14.0 -profile singularity,slurm --input samples.csv -resume
