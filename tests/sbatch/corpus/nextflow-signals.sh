#!/usr/bin/env bash
# Training run, see README
#SBATCH --job-name=nextflow
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=8G
#SBATCH --time=5-00:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append

echo "started on $(hostname) at $(date)"
module load java/17
export NXF_OPTS='-Xms500M -Xmx4G'
nextflow run nf-core/rnaseq -r 3.14.0 -profile singularity,slurm --input samples.csv -resume
