"""A small workflow for each tool, run by the tool's own Python; none knows of the service."""
