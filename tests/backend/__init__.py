"""Tests of the backends' own parts; what all of them promise is in tests/contracts."""
