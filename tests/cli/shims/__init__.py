"""Tests of scheduler.cli.shims."""
