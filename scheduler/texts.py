"""Sentences that can be said in another language later: an English text and how it was made.

Whoever writes a sentence writes it in English, with names for what is put into it. What comes out
is that English text, for logs, tests and everybody who asks no further; the edge, which alone knows
who reads it, says it again from its template in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class Words(Protocol):
    """What a language says in place of English templates, as `gettext` objects do."""

    def gettext(self, message: str, /) -> str: ...
    def ngettext(self, one: str, many: str, number: int, /) -> str: ...


class Said(str):
    """An English sentence that remembers its template and what was put into it.

    What was put in may be said itself, and is then translated with the sentence around it. A text
    that was not made by `said` (a name, another program's words) is the same in every language.
    """

    __slots__ = ("many", "number", "template", "values")

    template: str
    values: Mapping[str, object]
    many: str
    number: int

    def __new__(cls, text: str = "") -> Said:
        self = super().__new__(cls, text)
        self.template, self.values, self.many, self.number = "", {}, "", 0
        return self

    def in_words(self, words: Words) -> str:
        """Return the sentence in the language of these words; English where they lack it."""
        if not self.template:
            return str(self)
        values = {name: in_words(value, words) for name, value in self.values.items()}
        if self.many:
            return _filled(words.ngettext(self.template, self.many, self.number), values)
        return _filled(words.gettext(self.template), values)


def in_words(value: object, words: Words) -> object:
    """Return a sentence in the language of these words, and anything else as it is."""
    return value.in_words(words) if isinstance(value, Said) else value


def said(template: str, /, **values: object) -> Said:
    """Return the sentence; the template is an entry of the catalogue, so it must be a literal."""
    sentence = Said(_filled(template, values))
    sentence.template, sentence.values = template, values
    return sentence


def said_of(number: int, one: str, many: str, /, **values: object) -> Said:
    """Return the sentence about a number of things, which both templates may name `{number}`."""
    values["number"] = number
    sentence = Said(_filled(one if number == 1 else many, values))
    sentence.template, sentence.values = one, values
    sentence.many, sentence.number = many, number
    return sentence


def listed(parts: Iterable[object], separator: str = ", ") -> Said:
    """Return the parts with the separator between them, each still to be said in any language."""
    values = {f"part{place}": part for place, part in enumerate(parts)}
    # No entry of the catalogue: words that do not know a template give it back.
    template = separator.replace("{", "{{").replace("}", "}}").join(f"{{{n}}}" for n in values)
    return said(template, **values) if values else Said()


def said_by(error: Exception) -> Said:
    """Return what the error says, still to be said in any language if it was made so."""
    text = error.args[0] if error.args else ""
    return text if isinstance(text, Said) else Said(str(error))


def _filled(template: str, values: Mapping[str, object]) -> str:
    return template.format_map(values) if values else template


def entry(template: str) -> str:
    """Return the template: it says that a literal in a table is an entry of the catalogue."""
    return template
