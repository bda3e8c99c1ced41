"""The catalogues in the tree: brought up to the code, compiled, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

from babel.messages import Message

from loadtests.texts.extract import entries
from loadtests.texts.po import Catalogue, as_mo, as_po, english, forms, read_po
from scheduler.languages import DOMAIN, ENGLISH, LANGUAGES, LOCALE

TRANSLATED = tuple(language for language in LANGUAGES if language != ENGLISH)
# Translations must give back the same: names of options, of commands and of variables.
_VERBATIM = re.compile(r"--[a-z][a-z-]+|`[^`]+`|TENDIK_[A-Z_]+|#SBATCH")


def po_file(language: str, folder: Path = LOCALE) -> Path:
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def mo_file(language: str, folder: Path = LOCALE) -> Path:
    return po_file(language, folder).with_suffix(".mo")


def read(language: str, folder: Path = LOCALE) -> Catalogue:
    """Return a language's catalogue, without a sentence where it has no file yet."""
    file = po_file(language, folder)
    return read_po(language, file.read_text("utf-8")) if file.exists() else Catalogue(language)


def brought_up(language: str, known: Catalogue) -> Catalogue:
    """Return a catalogue of the code's sentences; translations of the same English are kept."""
    found = Catalogue(language)
    for message in entries():
        old = known.get(message.id)
        is_kept = old is not None and english(old) == english(message)
        added = found.add(
            message.id,
            old.string if old and is_kept else _untold(message, found.num_plurals),
            message.locations,
            old.flags if old and is_kept else (),
            user_comments=old.user_comments if old else (),
        )
        # Babel takes any "%" for a place of printf's; `problems` knows what is put in.
        added.flags &= {"fuzzy"}
    return found


def _untold(message: Message, plurals: int) -> str | tuple[str, ...]:
    return ("",) * plurals if message.pluralizable else ""


def update(folder: Path = LOCALE) -> None:
    """Write each language's .po anew from the code, and its .mo from that."""
    for language in TRANSLATED:
        found = brought_up(language, read(language, folder))
        po_file(language, folder).parent.mkdir(parents=True, exist_ok=True)
        po_file(language, folder).write_text(as_po(found), encoding="utf-8")
        mo_file(language, folder).write_bytes(as_mo(found))


def stale(folder: Path = LOCALE) -> Iterator[str]:
    """Yield the files that `update` would write otherwise."""
    for language in TRANSLATED:
        found = brought_up(language, read(language, folder))
        if po_file(language, folder).read_text(encoding="utf-8") != as_po(found):
            yield po_file(language, folder).name
        if mo_file(language, folder).read_bytes() != as_mo(found):
            yield mo_file(language, folder).name


def forms_of(language: str, message: Message) -> int:
    """Return how many forms a sentence has in the language."""
    return Catalogue(language).num_plurals if message.pluralizable else 1


def problems(language: str, message: Message) -> Iterator[str]:
    """Yield what keeps a sentence from being a whole translation."""
    told = forms(message)
    if message.fuzzy:
        yield "is fuzzy: a guess that nobody confirmed"
    if len(told) != forms_of(language, message):
        yield f"has {len(told)} forms, not {forms_of(language, message)}"
    names = [placeholders(text) for text in english(message)]
    verbatim = set(_VERBATIM.findall(english(message)[0]))
    for form in told:
        if not form.strip():
            yield "is not translated"
        # What only one of the English forms names, a form may leave out.
        elif not set.intersection(*names) <= placeholders(form) <= set.union(*names):
            yield f"has other placeholders: {form}"
        elif missing := verbatim - set(_VERBATIM.findall(form)):
            yield f"lacks {min(missing)}: {form}"


def placeholders(template: str) -> set[str]:
    """Return the names in braces, and click's after a per cent sign."""
    named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    return named | set(re.findall(r"%\((\w+)\)", template))


def all_problems(folder: Path = LOCALE) -> Mapping[str, list[str]]:
    """Return the problems of every language, each with the English of its entry."""
    return {
        language: [
            f"{english(message)[0]!r} {problem}"
            for message in read(language, folder).sentences
            for problem in problems(language, message)
        ]
        for language in TRANSLATED
    }
