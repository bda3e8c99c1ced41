"""The catalogues in the tree: brought up to the code, compiled, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from string import Formatter

from loadtests.texts.extract import entries
from loadtests.texts.po import Entry, as_mo, as_po, parse_po, plural_forms
from scheduler.languages import DOMAIN, ENGLISH, LANGUAGES, LOCALE

TRANSLATED = tuple(language for language in LANGUAGES if language != ENGLISH)
# Translations must give back the same: names of options, of commands and of variables.
_VERBATIM = re.compile(r"--[a-z][a-z-]+|`[^`]+`|TENDIK_[A-Z_]+|#SBATCH")


def po_file(language: str, folder: Path = LOCALE) -> Path:
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def mo_file(language: str, folder: Path = LOCALE) -> Path:
    return po_file(language, folder).with_suffix(".mo")


def read(language: str, folder: Path = LOCALE) -> tuple[Entry, ...]:
    """Return a language's entries, none where it has no file yet."""
    file = po_file(language, folder)
    return parse_po(file.read_text(encoding="utf-8")) if file.exists() else ()


def brought_up(language: str, known: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return an entry for each sentence of the code; translations of the same English are kept."""
    by_key = {entry.key: entry for entry in known}
    return tuple(
        replace(entry, forms=old.forms, is_fuzzy=old.is_fuzzy)
        if (old := by_key.get(entry.key))
        else replace(entry, forms=("",) * forms_of(language, entry))
        for entry in entries()
    )


def forms_of(language: str, entry: Entry) -> int:
    """Return how many forms an entry has in the language."""
    return plural_forms(language) if entry.many else 1


def update(folder: Path = LOCALE) -> None:
    """Write each language's .po anew from the code, and its .mo from that."""
    for language in TRANSLATED:
        found = brought_up(language, read(language, folder))
        po_file(language, folder).parent.mkdir(parents=True, exist_ok=True)
        po_file(language, folder).write_text(as_po(language, found), encoding="utf-8")
        mo_file(language, folder).write_bytes(as_mo(language, found))


def stale(folder: Path = LOCALE) -> Iterator[str]:
    """Yield the files that `update` would write otherwise."""
    for language in TRANSLATED:
        found = brought_up(language, read(language, folder))
        if po_file(language, folder).read_text(encoding="utf-8") != as_po(language, found):
            yield po_file(language, folder).name
        if mo_file(language, folder).read_bytes() != as_mo(language, found):
            yield mo_file(language, folder).name


def problems(language: str, entry: Entry) -> Iterator[str]:
    """Yield what keeps an entry from being a whole translation."""
    if entry.is_fuzzy:
        yield "is fuzzy: a guess that nobody confirmed"
    if len(entry.forms) != forms_of(language, entry):
        yield f"has {len(entry.forms)} forms, not {forms_of(language, entry)}"
    one, many = placeholders(entry.one), placeholders(entry.many or entry.one)
    for form in entry.forms:
        if not form.strip():
            yield "is not translated"
        # What only one of the English forms names, a form may leave out.
        elif not one & many <= placeholders(form) <= one | many:
            yield f"has other placeholders: {form}"
        elif missing := set(_VERBATIM.findall(entry.one)) - set(_VERBATIM.findall(form)):
            yield f"lacks {min(missing)}: {form}"


def placeholders(template: str) -> set[str]:
    """Return the names in braces, and click's after a per cent sign."""
    named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    return named | set(re.findall(r"%\((\w+)\)", template))


def all_problems(folder: Path = LOCALE) -> Mapping[str, list[str]]:
    """Return the problems of every language, each with the English of its entry."""
    return {
        language: [
            f"{entry.one!r} {problem}"
            for entry in read(language, folder)
            for problem in problems(language, entry)
        ]
        for language in TRANSLATED
    }
