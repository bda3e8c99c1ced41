"""Holds what grants were charged against Slurm's own accounting, and the ledger against itself."""
