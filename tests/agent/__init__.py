"""Tests of the agent: its wire, its socket, its client, and the program."""
