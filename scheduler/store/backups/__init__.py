"""Whole copies of the database in one file, and the way back from them."""
