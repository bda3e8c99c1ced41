"""Catalogues as translators' programs read them (.po), and as `gettext` does (.mo), by Babel."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from babel.messages import Catalog, Message, mofile, pofile

CHARSET = "utf-8"


class Catalogue(Catalog):
    """A language's sentences under a header that is the same whenever it is written.

    Babel's own header names its version and the minute, which would be a difference every time.
    """

    def __init__(self, language: str) -> None:
        super().__init__(language, header_comment=f"# Tendik in {language}: docs/languages.md")

    def __iter__(self) -> Iterator[Message]:
        yield Message("", _header(self))
        yield from islice(super().__iter__(), 1, None)

    @property
    def sentences(self) -> list[Message]:
        """Return all messages but the header."""
        return [message for message in self if message.id]


def _header(catalogue: Catalogue) -> str:
    lines = (
        "Project-Id-Version: tendik",
        f"Language: {catalogue.locale_identifier}",
        "MIME-Version: 1.0",
        f"Content-Type: text/plain; charset={CHARSET}",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalogue.plural_forms}",
    )
    return "".join(f"{line}\n" for line in lines)


def english(message: Message) -> tuple[str, ...]:
    """Return the sentence that is translated, and its plural where it has one."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> tuple[str, ...]:
    """Return the translation, each of its plural forms where it has a plural."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def as_po(catalogue: Catalogue) -> str:
    """Return the catalogue as a .po file: in its own order, a sentence on one line."""
    lines = pofile.generate_po(catalogue, ignore_obsolete=True, include_lineno=False, width=0)
    return "".join(lines).rstrip("\n") + "\n"


def read_po(language: str, text: str) -> Catalogue:
    """Return the language's .po file. Raises Babel's PoFileError, which names the wrong line."""
    read = pofile.read_po(BytesIO(text.encode()), language, charset=CHARSET, abort_invalid=True)
    catalogue = Catalogue(language)
    for message in read:
        if message.id:
            catalogue[message.id] = message
    return catalogue


def as_mo(catalogue: Catalogue) -> bytes:
    """Return the translated sentences as `gettext` reads them."""
    file = BytesIO()
    mofile.write_mo(file, catalogue)
    return file.getvalue()
