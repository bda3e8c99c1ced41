"""Every script is read twice, by our reader and by sbatch itself, and the readings compared."""
