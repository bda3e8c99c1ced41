"""Four workflow tools on the development Slurm, with nothing of theirs configured but PATH."""
