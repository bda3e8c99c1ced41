"""Receipts: their bytes, their chain, their keeping and their verification."""
