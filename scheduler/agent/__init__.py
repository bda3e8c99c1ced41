"""The agent: the one process that touches Slurm, and the way to it from the service."""
