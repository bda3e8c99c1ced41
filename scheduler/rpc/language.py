"""The language of the call at hand, kept beside the call as its caller is."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar

from scheduler.languages import ENGLISH, chosen, words
from scheduler.texts import Said

# As in HTTP: a list of languages, each perhaps with a weight.
METADATA_KEY = "accept-language"

_LANGUAGE: ContextVar[str] = ContextVar("language", default="")


def call_is_in(language: str) -> None:
    """Set the language of the answers, empty for a caller who asks for none of ours."""
    _LANGUAGE.set(language)


def current_language() -> str:
    """Return what the caller asked for, empty when that was none of ours."""
    return _LANGUAGE.get()


def to_the_caller(text: str) -> str:
    """Return a sentence in the caller's language; any other text as it is."""
    language = _LANGUAGE.get()
    if not isinstance(text, Said) or language in ("", ENGLISH):
        return str(text)
    return text.in_words(words(language))


def translated(text: str) -> str:
    """Return what stands beside the English sentence: empty where nothing has to."""
    told = to_the_caller(text)
    return "" if told == text else told


def language_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """Return the one of our languages that the call asks for, empty for none."""
    wishes = [value for key, value in metadata if key == METADATA_KEY and isinstance(value, str)]
    return chosen(",".join(wishes))
