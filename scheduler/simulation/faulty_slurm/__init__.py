"""A Slurm in memory that forgets, stalls and answers late, as the real one was seen to do."""
