"""The whole house, from a script to metrics."""
