"""Tendik, the fair-share scheduler service in front of Slurm."""
