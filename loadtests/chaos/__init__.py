"""Faults on a real Slurm: what they do to the service's jobs, a naive submitter's and others'."""
