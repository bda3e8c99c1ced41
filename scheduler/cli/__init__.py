"""The command line `tendik`: a thin client of the service, quick to start."""
