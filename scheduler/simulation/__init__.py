"""Replays of a workload on a virtual clock: our engine, other schedulers, and their measures."""
