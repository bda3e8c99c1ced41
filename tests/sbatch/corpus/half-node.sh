#!/bin/bash -l
#
# Half of a node
#SBATCH -o ./job.out.%j
#SBATCH -e ./job.err.%j
#SBATCH -D ./
#SBATCH -J test_gpu
#SBATCH --constraint=nvlink
#SBATCH --gres=gpu:h200:2
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=9
#SBATCH --mem=125000
#SBATCH --time=12:00:00
#SBATCH --mail-type=none
#SBATCH --mail-user=userid@lab.de

module purge
module load intel cuda
srun ./cuda_executable
