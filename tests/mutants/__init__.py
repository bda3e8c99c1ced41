"""Planted defects, each of which the tests must find: the list, and how it is read."""
