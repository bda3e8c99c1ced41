#! /bin/bash
# Training run, see README

# Parameters
#SBATCH --cpus-per-task=24
#SBATCH --error=/scratch/logs/%j_0_log.err
#SBATCH --gpus-per-node=2
#SBATCH --job-name=parabricks
#SBATCH --mem=190GB
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=/scratch/logs/%j_0_log.out
#SBATCH --signal=USR2@90
#SBATCH --time=06:00:00
#SBATCH --wckey=submitit

# command
export SUBMITIT_EXECUTOR=slurm

apptainer run --nv clara-parabricks_4.3.sif pbrun germline --ref Homo_sapiens.fa \
    --in-fq s_1.fq.gz s_2.fq.gz --out-bam s.bam --out-variants s.vcf
