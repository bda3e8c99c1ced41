"""A sentence is plain English text that can be said again in another language."""

from __future__ import annotations

import pickle
from gettext import NullTranslations

import pytest

from scheduler.languages import words
from scheduler.texts import Said, listed, said, said_by, said_of


class Shouting(NullTranslations):
    """A language that says everything in capitals, and numbers its plural forms."""

    def gettext(self, message: str) -> str:
        return message.upper().replace("{WHO}", "{who}").replace("{WHAT}", "{what}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"{'one' if n == 1 else 'many'}: {{number}}"


def test_a_sentence_is_its_english_text() -> None:
    sentence = said("{who} has {number:,} GPUs", who="steppe", number=1200)

    assert sentence == "steppe has 1,200 GPUs"
    assert type(str(sentence)) is str


def test_what_was_put_in_is_translated_with_the_sentence_around_it() -> None:
    inner = said("no GPU")
    sentence = said("{who} has {what}", who="steppe", what=inner)

    assert sentence.in_words(Shouting()) == "steppe HAS NO GPU"


def test_a_text_that_was_not_said_is_the_same_in_every_language() -> None:
    assert Said("slurmctld is away").in_words(Shouting()) == "slurmctld is away"


def test_braces_of_others_are_no_placeholders() -> None:
    sentence = listed((said("no job"), Said("{who}"), "{}"), "; {x} ")

    assert sentence == "no job; {x} {who}; {x} {}"
    assert sentence.in_words(words("ru")).endswith("{who}; {x} {}")


@pytest.mark.parametrize(
    ("number", "english", "russian", "kazakh"),
    [
        (1, "1 job", "1 задание", "1 тапсырма"),
        (2, "2 jobs", "2 задания", "2 тапсырма"),
        (5, "5 jobs", "5 заданий", "5 тапсырма"),
        (11, "11 jobs", "11 заданий", "11 тапсырма"),
        (21, "21 jobs", "21 задание", "21 тапсырма"),
        (1000, "1,000 jobs", "1,000 заданий", "1,000 тапсырма"),
    ],
)
def test_numbers_take_the_form_that_the_language_wants(
    number: int, english: str, russian: str, kazakh: str
) -> None:
    sentence = said_of(number, "{number} job", "{number:,} jobs")

    assert sentence == english
    assert sentence.in_words(words("ru")) == russian
    assert sentence.in_words(words("kk")) == kazakh


def test_a_sentence_crosses_to_another_process_whole() -> None:
    sentence = said_of(2, "{number} GPU of {who}", "{number} GPUs of {who}", who=said("nobody"))
    arrived = pickle.loads(pickle.dumps(sentence))

    assert arrived == sentence
    assert arrived.in_words(Shouting()) == "many: 2"


def test_an_errors_sentence_is_found_and_any_other_error_speaks_for_itself() -> None:
    assert said_by(ValueError(said("no job"))).in_words(Shouting()) == "NO JOB"
    assert said_by(KeyError("gpus")) == "'gpus'"
