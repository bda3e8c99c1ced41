"""Replays traces and holds the estimates of start times against what came."""
