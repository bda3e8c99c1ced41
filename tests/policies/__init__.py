"""Tests of policy files, those that are shipped and those that are wrong."""
