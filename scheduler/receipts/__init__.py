"""Receipts: what a cycle saw and decided, sealed, chained, kept, and checked without a service."""
