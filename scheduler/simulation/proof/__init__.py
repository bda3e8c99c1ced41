"""The proof: the real engine against a Slurm that fails in every way seen, schedule by schedule."""
