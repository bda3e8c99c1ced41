"""Catalogues as translators' programs read them (.po), and as `gettext` does (.mo)."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# The rules of Unicode's CLDR for whole numbers, as gettext writes them.
PLURALS: Mapping[str, str] = {
    "kk": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
    "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
}
_MAGIC = 0x950412DE
_LINE = re.compile(r'(?:(?P<word>msgid|msgid_plural|msgstr)(?:\[\d\])? )?(?P<text>".*")')


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


def header(language: str) -> str:
    """Return the entry without English, which says how the file is to be read."""
    lines = (
        "Project-Id-Version: tendik",
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {PLURALS[language]}",
    )
    return "".join(f"{line}\n" for line in lines)


def as_po(language: str, entries: Iterable[Entry]) -> str:
    """Return the entries as a .po file."""
    return "\n".join(_written(entry) for entry in (Entry("", forms=(header(language),)), *entries))


def _written(entry: Entry) -> str:
    lines = [f"#: {place}" for place in entry.places]
    lines += ["#, fuzzy"] if entry.is_fuzzy else []
    lines.append(f"msgid {_quoted(entry.one)}")
    if entry.many:
        lines.append(f"msgid_plural {_quoted(entry.many)}")
        lines += [f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(entry.forms)]
    else:
        lines.append(f"msgstr {_quoted(''.join(entry.forms))}")
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    # gettext's escapes are among JSON's.
    return json.dumps(text, ensure_ascii=False)


def read_po(text: str) -> tuple[Entry, ...]:
    """Return the entries of a .po file but for its header. Raises WrongCatalogue."""
    entries = [_read(block) for block in re.split(r"\n\s*\n", text) if block.strip()]
    return tuple(entry for entry in entries if entry.one)


def _read(block: str) -> Entry:
    texts: list[tuple[str, list[str]]] = []
    comments = [line for line in block.splitlines() if line.startswith("#")]
    for line in block.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None and not line.startswith("#"):
            raise WrongCatalogue(f"not a line of a catalogue: {line}")
        if match is not None and match["word"]:
            texts.append((match["word"], []))
        if match is not None and texts:
            texts[-1][1].append(json.loads(match["text"]))
    words = [(word, "".join(parts)) for word, parts in texts]
    return Entry(
        one=next((text for word, text in words if word == "msgid"), ""),
        many=next((text for word, text in words if word == "msgid_plural"), ""),
        forms=tuple(text for word, text in words if word == "msgstr"),
        places=tuple(line.removeprefix("#: ") for line in comments if line.startswith("#: ")),
        is_fuzzy=any(line.startswith("#,") and "fuzzy" in line for line in comments),
    )


def as_mo(language: str, entries: Iterable[Entry]) -> bytes:
    """Return the translated entries as `gettext` reads them."""
    told = {"": header(language)}
    told |= {entry.key: "\0".join(entry.forms) for entry in entries if any(entry.forms)}
    keys = sorted(told, key=str.encode)
    head = 28 + 16 * len(keys)
    originals = list(_placed((key.encode() for key in keys), head))
    end = originals[-1][1] + originals[-1][0] + 1
    texts = list(_placed((told[key].encode() for key in keys), end))
    table = [number for pair in (*originals, *texts) for number in pair]
    content = b"".join(told_of.encode() + b"\0" for told_of in (*keys, *(told[k] for k in keys)))
    start = struct.pack("<7I", _MAGIC, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    return start + struct.pack(f"<{len(table)}I", *table) + content


def _placed(texts: Iterable[bytes], start: int) -> Iterator[tuple[int, int]]:
    """Yield the length and the place of each text, a zero byte after each."""
    for text in texts:
        yield len(text), start
        start += len(text) + 1
