"""Clusters that run admitted jobs: a simulated one, and Slurm by its commands or by pyslurm."""
