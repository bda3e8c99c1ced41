"""The engine: read the cluster, move jobs by what it says, decide, record, submit; again."""
