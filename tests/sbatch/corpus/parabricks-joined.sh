#!/usr/bin/env bash
# 由学生维护
#SBATCH -N1 -n1 -c24 -t06:00:00 -Jparabricks --gpus-per-node=2
#SBATCH --mem=194560M --open-mode=append --requeue

echo "started on $(hostname) at $(date)"
apptainer run --nv clara-parabricks_4.3.sif pbrun germline --ref Homo_sapiens.fa \
    --in-fq s_1.fq.gz s_2.fq.gz --out-bam s.bam --out-variants s.vcf
