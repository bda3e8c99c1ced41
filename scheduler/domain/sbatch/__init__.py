"""From a batch script, flags and variables to the job that they ask for, as sbatch reads them."""
