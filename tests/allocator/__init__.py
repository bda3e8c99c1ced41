"""Tests of the allocator package."""
