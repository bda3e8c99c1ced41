"""Tests of the explainer."""
