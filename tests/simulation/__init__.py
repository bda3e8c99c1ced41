"""Tests of the replay simulator, its baselines and its measures."""
