"""One run of the program: its environment and its way to wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click


@dataclass(frozen=True, slots=True)
class Session:
    """What a run has of the outside world; tests give their own."""

    environ: Mapping[str, str]
    sleep: Callable[[float], None] = time.sleep

    def with_variable(self, name: str, value: str) -> Session:
        """Return the session as if the environment held this too."""
        return replace(self, environ={**self.environ, name: value})

    @property
    def config_file(self) -> Path:
        """Return where contexts are kept, as the XDG base directories say."""
        home = self.environ.get("HOME") or str(Path.home())
        base = self.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
        return Path(base) / "tendik" / "config.toml"


def session() -> Session:
    """Return the running command's session."""
    found = click.get_current_context().find_object(Session)
    if found is None:
        raise LookupError("the program was started without a session")
    return found
