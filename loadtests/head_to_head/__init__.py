"""The same workload through Slurm alone and through the service in front of Slurm."""
