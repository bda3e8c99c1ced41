"""Every sentence is in the catalogues, translated, and the compiled files are current."""

from __future__ import annotations

import ast
import gettext
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import PoFileError

import scheduler.client.errors
from loadtests.texts.catalogues import TRANSLATED, all_problems, forms_of, mo_file, read, stale
from loadtests.texts.errors import kinds, told
from loadtests.texts.extract import HELP, PROGRAMS, ROOT, NotALiteral, entries, in_module, sources
from loadtests.texts.po import Catalogue, as_mo, as_po, forms, read_po
from scheduler.languages import LOCALE, chosen, words

# What is told to the user directly, by the place of its words among the arguments.
CLIENTS = {name for name in scheduler.client.__all__ if name in vars(scheduler.client.errors)}
TELLING = {"CliError": 0, "usage_error": 0, "note": 0, "say": 0}


def test_the_catalogues_are_up_to_the_code() -> None:
    assert list(stale()) == [], "run `make texts`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_entry_is_wholly_translated(language: str) -> None:
    assert all_problems()[language] == []
    assert [one.id for one in read(language).sentences] == [one.id for one in entries()]


def test_russian_has_three_plural_forms_and_kazakh_two() -> None:
    plural = next(message for message in entries() if message.pluralizable)

    assert (forms_of("ru", plural), forms_of("kk", plural)) == (3, 2)


def test_every_error_says_reason_place_and_mend_in_every_language() -> None:
    assert [one.at for one in told() if not one.is_whole] == []
    assert all(kind.reason and kind.mend and kind.place for kind in kinds().values())


# Slurm's programs speak English, and so do those that are named as they are.
CLIENT = [path for path in sources() if path.parent.name == "cli" or path.match("shims/command.py")]


@pytest.mark.parametrize("path", CLIENT, ids=lambda path: path.stem)
def test_nothing_is_told_that_no_catalogue_holds(path: Path) -> None:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = (
            call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        )
        if isinstance(call, ast.Call) and name in TELLING and call.args:
            words_told = call.args[TELLING[name]]
            assert not isinstance(words_told, ast.JoinedStr | ast.Constant), f"line {call.lineno}"


# What is said plainly where it ends up before a user: errors' words, and the help of options.
PLAIN = (ast.Constant, ast.JoinedStr)


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_error_or_help_is_a_plain_text(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    ]
    for call in calls:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        # The service's errors ask for `Said` by type; the client's take the service's text too.
        if place.startswith("scheduler/client/") and name in CLIENTS and call.args:
            assert not isinstance(call.args[0], PLAIN), f"{place}:{call.lineno}: {name}"
        for keyword in call.keywords:
            if keyword.arg in HELP and isinstance(keyword.value, PLAIN):
                assert place.startswith(PROGRAMS), f"{place}:{call.lineno}: its help is not taken"
                assert isinstance(keyword.value, ast.Constant), f"{place}:{call.lineno}"


def test_a_sentence_that_is_put_together_where_it_is_said_is_refused() -> None:
    with pytest.raises(NotALiteral, match=r"x\.py:1"):
        list(in_module(ast.parse("said(f'no {kind}')"), "scheduler/x.py"))


def catalogue(*messages: Message) -> Catalogue:
    found = Catalogue("ru")
    for message in messages:
        found[message.id] = message
    return found


def test_a_catalogue_is_read_as_it_was_written_in_its_own_order() -> None:
    once = Message('no "job"\n{name}', "нет «{name}»\n", [("scheduler/x.py", 0)])
    often = Message(("{number} job", "{number} jobs"), ("a", "b", "c"), flags=["fuzzy"])
    told = Message("a note", "заметка", user_comments=["of the margin, not of music"])
    text = as_po(catalogue(once, often, told))
    found = read_po("ru", text)

    assert [(one.id, forms(one), one.fuzzy) for one in found.sentences] == [
        (once.id, ("нет «{name}»\n",), False),
        (often.id, ("a", "b", "c"), True),
        (told.id, ("заметка",), False),
    ]
    assert [place for place, _ in found.sentences[0].locations] == ["scheduler/x.py"]
    assert as_po(found) == text, "what translators noted is kept"


def test_a_sentence_stands_on_one_line_under_a_header_without_time_or_program() -> None:
    text = as_po(catalogue(Message("a " * 200, "ä " * 200)))

    assert f'msgid "{"a " * 200}"' in text.splitlines()
    assert "Date" not in text
    assert "Babel" not in text


def test_what_is_no_catalogue_is_refused() -> None:
    # Babel counts lines from 0.
    with pytest.raises(PoFileError, match="keyword on 2"):
        read_po("ru", 'msgid "a"\nmsgstr "b"\nmsgwhat "x"\n')


def test_gettext_reads_what_is_compiled_but_for_guesses(tmp_path: Path) -> None:
    file = mo_file("ru", tmp_path)
    file.parent.mkdir(parents=True)
    plural, one = Message(("b", "bs"), ("1", "2", "5")), Message("a", "ä")
    guess = Message("c", "guessed", flags=["fuzzy"])
    file.write_bytes(as_mo(catalogue(plural, one, guess)))
    found = gettext.translation("messages", tmp_path, ["ru"])

    assert [found.ngettext("b", "bs", number) for number in (1, 3, 12)] == ["1", "2", "5"]
    assert found.gettext("a") == "ä"
    assert found.gettext("c") == "c"
    assert found.gettext("unknown") == "unknown"


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("kk", "kk"),
        ("kk_KZ.UTF-8", "kk"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de, ru;q=0.5, kk;q=0.8", "kk"),
        ("ru:kk", "ru"),
        ("en", "en"),
        ("de", ""),
        ("", ""),
        ("C.UTF-8", ""),
        ("ru;q=x,kk;q=9.9.9", ""),
        (",;=" * 10_000, ""),
    ],
)
def test_the_language_is_the_one_that_the_wish_prefers(wish: str, language: str) -> None:
    assert chosen(wish) == language


def test_languages_that_we_lack_are_answered_in_english() -> None:
    assert words("de").gettext("no such jobs") == "no such jobs"
    assert {folder.name for folder in LOCALE.iterdir()} == set(TRANSLATED)
