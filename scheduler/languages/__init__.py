"""What Tendik says in other languages than English, and which of them a reader wants."""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from scheduler.texts import Words

ENGLISH = "en"
LANGUAGES = (ENGLISH, "kk", "ru")
# gettext's own default: click, which names none, says its sentences by the same catalogue.
DOMAIN = "messages"
LOCALE = Path(__file__).parent / "locale"
VARIABLE = "TENDIK_LANGUAGE"
# As the C library asks them.
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_NO_LANGUAGE = ("C", "POSIX")
# One of HTTP's list of languages ("ru;q=0.8"), or a locale's name ("kk_KZ.UTF-8").
_TAG = re.compile(r"(?P<language>[A-Za-z]{2,3})(?:[-_.@][\w.@-]*)?(?:;q=(?P<weight>[0-9.]{1,5}))?")
_LONGEST_WISH = 200


@cache
def words(language: str) -> Words:
    """Return what the language says in place of English; English itself for one we lack."""
    if language not in LANGUAGES or language == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [language])


def language_of(environ: Mapping[str, str]) -> str:
    """Return the language that the environment asks for, English where it is none of ours."""
    if wish := environ.get(VARIABLE):
        return chosen(wish) or ENGLISH
    locale = next((environ[name] for name in _LOCALES if environ.get(name)), "")
    if locale.partition(".")[0] in _NO_LANGUAGE:
        return ENGLISH
    return chosen(environ.get("LANGUAGE", "")) or chosen(locale) or ENGLISH


def chosen(wish: str) -> str:
    """Return our language that the wish prefers, empty where it names none of them.

    A wish is a list as in HTTP's Accept-Language, or a locale's name.
    """
    found: list[tuple[float, str]] = []
    for part in re.split("[,:]", wish[:_LONGEST_WISH].replace(" ", "")):
        match = _TAG.fullmatch(part)
        weight = _weight(match["weight"]) if match else 0.0
        if match and weight > 0 and match["language"].lower() in LANGUAGES:
            found.append((weight, match["language"].lower()))
    # Of equal weights the first one holds.
    return max(found, key=lambda pair: pair[0])[1] if found else ""


def _weight(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
