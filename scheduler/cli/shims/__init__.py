"""Programs by the names of Slurm's own, answered by the service: for workflow tools and habits."""
