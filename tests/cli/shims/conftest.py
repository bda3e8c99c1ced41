"""The programs, called in this process as their launchers call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from scheduler.cli.shims.programs import run


class Told(NamedTuple):
    """What a program told, and its exit code."""

    code: int
    out: str
    err: str


Program = Callable[..., Told]


@pytest.fixture
def program(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Program:
    """Return a call of a program by its name, as its launcher in the folder makes it."""

    def call(name: str, *words: str) -> Told:
        capsys.readouterr()
        code = run(f"/opt/shims/{name}", words, environ)
        return Told(code, *capsys.readouterr())

    return call
