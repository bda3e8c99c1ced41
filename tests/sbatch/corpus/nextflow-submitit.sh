#!/bin/bash
# 由学生维护

# Parameters
#SBATCH --cpus-per-task=2
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=1
#SBATCH --job-name=nextflow
#SBATCH --mem=8GB
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=5-00:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

module load java/17
export NXF_OPTS='-Xms500M -Xmx4G'
nextflow run nf-core/rnaseq -r 3.14.0 -profile singularity,slurm --input samples.csv -resume
