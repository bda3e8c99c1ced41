"""Tests; they mirror the packages, and `build` makes the things they speak of."""
