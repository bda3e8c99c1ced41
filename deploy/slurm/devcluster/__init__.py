"""A real Slurm on one machine for development and tests: many slurmd, no GPU, no systemd."""
