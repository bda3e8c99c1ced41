"""Telling sbatch's options, our own and the script apart on one command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from scheduler.cli.errors import CliError, usage_error
from scheduler.domain.sbatch.options import (
    OPTIONS,
    Argument,
    UnknownOption,
    option_named,
    short_option,
)
from scheduler.texts import listed, said, said_by

# sbatch's own names for what are our options.
SYNONYMS: Mapping[str, str] = {"-W": "--wait", "--test-only": "--dry-run"}
# With these words, and only these, sbatch's -o means the form of our output.
FORMS = ("table", "json")


@dataclass(slots=True)
class SubmitWords:
    """A command line of `tendik submit`, told apart; `flags` are verbatim and in order."""

    own: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    script: str = ""

    @property
    def wraps(self) -> bool:
        """Say whether a command is given in place of a script."""
        return any(word.partition("=")[0] == "--wrap" for word in self.own)


def tell_apart(words: list[str], own_takes_value: Mapping[str, bool]) -> SubmitWords:
    """Return what is whose. Raises CliError when a second script is named, or one beside --wrap.

    `own_takes_value` lists our options; all others are sbatch's, and its table of options says
    whether the word after one is its value or the script.
    """
    told, queue = SubmitWords(), list(words)
    while queue:
        word = queue.pop(0)
        if word == "--" and queue:
            _take_script(told, queue.pop(0))
        elif word == "-" or not word.startswith("-"):
            _take_script(told, word)
        else:
            _take_option(told, word, queue, own_takes_value)
    if told.wraps and told.script:
        raise usage_error(
            said("--wrap and the script {script!r} are given; keep one of them", script=told.script)
        )
    return told


def _take_script(told: SubmitWords, word: str) -> None:
    if told.script:
        raise usage_error(
            said(
                "{word!r} follows the script {script!r}: arguments for a script are not "
                "supported\nWrite them into the script. Options of sbatch may stand anywhere.",
                word=word,
                script=told.script,
            )
        )
    told.script = word


def _take_option(
    told: SubmitWords, word: str, queue: list[str], own_takes_value: Mapping[str, bool]
) -> None:
    name, joined, _ = word.partition("=")
    own = _own_name(name, own_takes_value)
    if own == "-o" and queue and queue[0] in FORMS:
        told.own += ["--format", queue.pop(0)]
    elif own in own_takes_value:
        told.own.append(own + word[len(name) :])
        if own_takes_value[own] and not joined:
            told.own.append(_value(word, queue))
    else:
        told.flags.append(word)
        if not joined and _takes_next(word, own_takes_value):
            told.flags.append(_value(word, queue))


def _own_name(name: str, own_takes_value: Mapping[str, bool]) -> str:
    """Return our name for an option, also where it is cut as sbatch allows."""
    if name in own_takes_value or not name.startswith("--"):
        return SYNONYMS.get(name, name)
    try:
        flag = option_named(name[2:]).flag
    except UnknownOption:
        return name
    return SYNONYMS.get(flag, flag)


def _takes_next(word: str, own_takes_value: Mapping[str, bool]) -> bool:
    """Say whether sbatch reads the next word as the option's value."""
    try:
        if word.startswith("--"):
            return option_named(word[2:]).argument is Argument.REQUIRED
        return _letters_take_next(word[1:])
    except UnknownOption as unknown:
        raise _unknown(word, unknown, own_takes_value) from unknown


def _letters_take_next(letters: str) -> bool:
    """Read short options as sbatch does: "-G 4" takes the next word, "-G4" and "-kv" do not."""
    for place, letter in enumerate(letters, start=1):
        if short_option(letter).argument is not Argument.NONE:
            return place == len(letters) and short_option(letter).argument is Argument.REQUIRED
    return False


def _unknown(word: str, unknown: UnknownOption, own_takes_value: Mapping[str, bool]) -> CliError:
    ours = get_close_matches(word, own_takes_value, n=1, cutoff=0.8)
    theirs = get_close_matches(word, [option.flag for option in OPTIONS], n=1, cutoff=0.8)
    if ours and not theirs:
        return usage_error(
            said("no such option: {word}; did you mean {ours}?", word=word, ours=ours[0])
        )
    return usage_error(listed((word, said_by(unknown)), " "))


def _value(word: str, queue: list[str]) -> str:
    if not queue:
        raise usage_error(said("{word} needs a value", word=word))
    return queue.pop(0)
