"""Modules that are executed only when something of theirs is used."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class LateFinder:
    """Finds the modules named, and leaves executing them for later."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self._names else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


def load_late(*names: str) -> None:
    """From now on, execute these modules when they are first used, not when they are imported."""
    sys.meta_path.insert(0, LateFinder(names))
