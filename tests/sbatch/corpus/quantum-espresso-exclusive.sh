#! /bin/bash
# für die Gruppe Müller, bitte nicht ändern
#SBATCH --job-name=quantum-espresso
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --gpus-per-node=2
#SBATCH --exclusive
#SBATCH --time=12:00:00

module load qe/7.2-gpu
srun pw.x -npool 2 -in scf.in > scf.out
srun pw.x -npool 2 -in nscf.in > nscf.out
