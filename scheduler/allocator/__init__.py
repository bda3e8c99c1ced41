"""Decides which pending jobs start now, and where: a snapshot in, an allocation out."""
