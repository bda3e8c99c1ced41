"""Reads sbatch's command line: what is for us, what goes to the service, and the script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scheduler.cli.shims.refusals import Refused
from scheduler.domain.sbatch.options import (
    Argument,
    Option,
    UnknownOption,
    option_named,
    short_option,
)


@dataclass(slots=True)
class SbatchLine:
    """A call of sbatch; `script` empty is standard input, `flags` go to the service as they are."""

    flags: list[str] = field(default_factory=list)
    script: str = ""
    wrap: str | None = None
    comment: str | None = None
    parsable: bool = False
    test_only: bool = False
    wait: bool = False


def read_line(words: Sequence[str]) -> SbatchLine:
    """Return the call. Raises Refused for an unknown option, and for arguments of the script."""
    line, left = SbatchLine(), list(words)
    while left and left[0] != "--" and (left[0].startswith("-") and left[0] != "-"):
        _take(line, left.pop(0), left)
    if left and left[0] == "--":
        left.pop(0)
    if len(left) > 1:
        raise Refused(f"arguments for the script are not passed on: {left[1]}; write them into it")
    if left and line.wrap is not None:
        raise Refused("Script arguments not permitted with --wrap option")
    line.script = left[0] if left and left[0] != "-" else ""
    return line


def _take(line: SbatchLine, word: str, left: list[str]) -> None:
    if word.startswith("--"):
        name, joined, value = word[2:].partition("=")
        option = _known(word, partial(option_named, name))
        _give(line, option, _value(option, word, left, value if joined else None))
        return
    letters = word[1:]
    while letters:
        option = _known(word, partial(short_option, letters[0]))
        letters = letters[1:]
        if option.argument is Argument.NONE:
            _give(line, option, None)
        else:
            _give(line, option, _value(option, word, left, letters.removeprefix("=") or None))
            return


def _known(word: str, find: Callable[[], Option]) -> Option:
    try:
        return find()
    except UnknownOption as unknown:
        raise Refused(f"{word} {unknown}") from unknown


def _value(option: Option, word: str, left: list[str], joined: str | None) -> str | None:
    if joined is not None or option.argument is not Argument.REQUIRED:
        return joined
    if not left:
        raise Refused(f"option '{word}' requires an argument")
    return left.pop(0)


def _give(line: SbatchLine, option: Option, value: str | None) -> None:
    """Keep the option for ourselves, or pass it on in one word, as the service takes it."""
    if option.name in _TEXTS:
        setattr(line, _TEXTS[option.name], value or "")
    elif option.name in _SWITCHES:
        setattr(line, _SWITCHES[option.name], True)
    else:
        line.flags.append(option.flag if value is None else f"{option.flag}={value}")


_TEXTS: Mapping[str, str] = {"wrap": "wrap", "comment": "comment"}
_SWITCHES: Mapping[str, str] = {"parsable": "parsable", "test-only": "test_only", "wait": "wait"}
