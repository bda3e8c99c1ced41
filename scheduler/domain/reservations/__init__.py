"""GPUs that are set apart for a time: for whom, when, and on which nodes."""
