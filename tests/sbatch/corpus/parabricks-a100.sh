#!/bin/bash
# автор: Айгерім
#SBATCH -p gpu
#SBATCH --gres=gpu:a100:2
#SBATCH --nodes=1 --ntasks-per-node=1
#SBATCH --cpus-per-task=24   # one per dataloader worker
#SBATCH --time=06:00:00 --mem=190G
#SBATCH --job-name="parabricks run"
#SBATCH --mail-type=END,FAIL
#SBATCH --mail-user=researcher@nu.edu.kz

echo "started on $(hostname) at $(date)"
apptainer run --nv clara-parabricks_4.3.sif pbrun germline --ref Homo_sapiens.fa \
    --in-fq s_1.fq.gz s_2.fq.gz --out-bam s.bam --out-variants s.vcf
