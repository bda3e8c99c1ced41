"""On a real Slurm."""
