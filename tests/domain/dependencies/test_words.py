"""How dependencies stand is stored as English text, and read in other languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.dependencies.words import (
    EITHER,
    began,
    namesake,
    namesakes,
    ruling_known_again,
    terms_in_words,
)
from scheduler.domain.stored_words import NEVER_MET, known_again
from scheduler.languages import words
from scheduler.texts import said

BEGAN = began("2026-03-02 12:00:50")


@pytest.mark.parametrize(
    ("terms", "any_will_do", "english", "russian"),
    [
        ([("afterok:5", "running")], False, "afterok:5 (running)", "afterok:5 (running)"),
        (
            [("after:5_3+10", BEGAN), ("afterany:7", "4 pending, 1 running")],
            False,
            "after:5_3+10 (began at 2026-03-02 12:00:50 UTC), afterany:7 (4 pending, 1 running)",
            "after:5_3+10 (старт был в 2026-03-02 12:00:50 UTC), afterany:7 (4 pending, 1 running)",
        ),
        (
            [("afterok:5", "failed"), ("afterok:6", "failed")],
            True,
            "afterok:5 (failed) or afterok:6 (failed)",
            "afterok:5 (failed) или afterok:6 (failed)",
        ),
        (
            [(f"afterok:{number}", "failed") for number in (5, 6, 7)],
            True,
            "afterok:5 (failed) or afterok:6 (failed) or afterok:7 (failed)",
            "afterok:5 (failed) или afterok:6 (failed) или afterok:7 (failed)",
        ),
        (
            [(f"afterok:{number}", "failed") for number in range(5, 10)],
            False,
            "afterok:5 (failed), afterok:6 (failed), afterok:7 (failed) and 2 more",
            "afterok:5 (failed), afterok:6 (failed), afterok:7 (failed) и ещё 2",
        ),
        (
            [("singleton", namesake(4, "train"))],
            False,
            "singleton (job 4 of the name train has not ended)",
            "singleton (задание 4 с именем train не завершено)",
        ),
        (
            [("singleton", namesakes(4, 2, "train"))],
            False,
            "singleton (job 4 and 2 more of the name train has not ended)",
            "singleton (задание 4 и ещё 2 с именем train не завершены)",
        ),
    ],
)
def test_a_ruling_is_read_in_russian_from_what_is_stored(
    terms: list[tuple[str, str]], any_will_do: bool, english: str, russian: str
) -> None:
    made = terms_in_words(terms, any_will_do)
    stored = str(made)

    assert stored == english
    assert made.in_words(words("ru")) == russian
    assert known_again(stored).in_words(words("ru")) == russian


def test_why_a_job_was_cancelled_is_said_with_the_ruling() -> None:
    stored = str(said(NEVER_MET, ruling="afterok:5 (failed) or afterok:6 (failed)"))

    told = known_again(stored).in_words(words("ru"))

    assert told == "его зависимость уже не выполнится: afterok:5 (failed) или afterok:6 (failed)"


@pytest.mark.parametrize("template", EITHER)
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_what_joins_terms_is_translated(template: str, language: str) -> None:
    assert words(language).gettext(template) != template


PIECES = ("afterok:1 (", ")", ", ", " or ", " and 2 more", "singleton (", "began at 1 UTC", "(")


@given(text=st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_whatever_is_stored_is_the_same_english_again(text: str) -> None:
    assert known_again(text) == text
    assert ruling_known_again(text) in (None, text)
