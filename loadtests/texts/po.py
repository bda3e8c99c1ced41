"""Catalogues as translators' programs read them (.po), and as `gettext` does (.mo), by Babel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

# A file is the same whenever it is written: what changed in it is what somebody changed.
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class WrongCatalogue(ValueError):
    """A .po file that is not one; the text says which line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence: its English, `many` where it has a plural, and its forms in a language."""

    one: str
    many: str = ""
    forms: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        """Return what gettext finds the entry by."""
        return f"{self.one}\0{self.many}" if self.many else self.one


def plural_forms(language: str) -> int:
    """Return how many forms a sentence about a number of things has."""
    return Catalog(locale=language).num_plurals


def as_po(language: str, entries: Iterable[Entry]) -> str:
    """Return the entries as a .po file."""
    file = BytesIO()
    write_po(file, _catalogue(language, entries), width=0)
    return file.getvalue().decode()


def as_mo(language: str, entries: Iterable[Entry]) -> bytes:
    """Return the translated entries as `gettext` reads them."""
    file = BytesIO()
    write_mo(file, _catalogue(language, (entry for entry in entries if any(entry.forms))))
    return file.getvalue()


def parse_po(text: str) -> tuple[Entry, ...]:
    """Return the entries of a .po file but for its header. Raises WrongCatalogue."""
    try:
        found = read_po(BytesIO(text.encode()), abort_invalid=True)
    except PoFileError as error:
        raise WrongCatalogue(f"{error}: {error.line}") from error
    return tuple(_entry(message) for message in found if message.id)


def _catalogue(language: str, entries: Iterable[Entry]) -> Catalog:
    made = Catalog(
        language, project="tendik", version="1", msgid_bugs_address="tendik", header_comment="",
        creation_date=_WHEN, revision_date=_WHEN, last_translator="tendik",
        language_team="tendik", fuzzy=False,
    )  # fmt: skip
    for entry in entries:
        made.add(
            (entry.one, entry.many) if entry.many else entry.one,
            entry.forms if entry.many else "".join(entry.forms),
            locations=[(place, 0) for place in entry.places],
            flags=["fuzzy"] if entry.is_fuzzy else [],
        )
    return made


def _entry(message: Message) -> Entry:
    one, many = message.id if isinstance(message.id, tuple) else (message.id, "")
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    places = tuple(place for place, _ in message.locations)
    return Entry(str(one), str(many), tuple(map(str, forms)), places, message.fuzzy)
