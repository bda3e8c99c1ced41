"""The same arithmetic told: every number with those that it is made of."""
