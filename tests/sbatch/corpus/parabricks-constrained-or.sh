#!/bin/sh
#SBATCH --job-name=parabricks
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=2
#SBATCH --cpus-per-task=24
#SBATCH --mem=190G
#SBATCH --time=06:00:00
#SBATCH --output=logs/%x-%j.out
#SBATCH --error=logs/%x-%j.err
#SBATCH -C "nvlink|a100"

apptainer run --nv clara-parabricks_4.3.sif pbrun germline --ref Homo_sapiens.fa \
    --in-fq s_1.fq.gz s_2.fq.gz --out-bam s.bam --out-variants s.vcf
