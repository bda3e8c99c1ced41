"""What is stored as English text is known again, and can be said in other languages."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.stored_words import (
    CHANGED_IN_SLURM,
    HOLDS,
    HOLDS_IN_POOL,
    NOT_TOGETHER,
    TEMPLATES,
    TOO_FEW_FREE,
    known_again,
    values_in,
)
from scheduler.languages import words


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_sentence_is_known_by_its_own_template(template: str) -> None:
    names = re.findall(r"\{(\w+)\}", template)
    values = {name: f"{place}" for place, name in enumerate(names, 1)}
    text = template.format(**values)

    assert known_again(text) == text
    assert known_again(text).template == template
    assert known_again(text).in_words(words("ru")) != text


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("steppe holds 8 of at most 8 GPUs in alem/h200, needs 2", HOLDS_IN_POOL),
        ("aru holds 8 of at most 8 GPUs, needs 2", HOLDS),
        ("alem/h200 has 3 GPUs free that suit, the gang needs 8", TOO_FEW_FREE),
        (
            "alem/h200 has 9 GPUs free that suit, the gang needs 8: 0 nodes with room for 8 GPUs "
            "with 8 CPUs, it needs 1",
            NOT_TOGETHER,
        ),
    ],
)
def test_sentences_that_begin_alike_are_told_apart(text: str, template: str) -> None:
    assert known_again(text).template == template


def by_regex(text: str, template: str) -> dict[str, str] | None:
    form = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(template))
    match = re.fullmatch(form, text, re.DOTALL)
    return match and match.groupdict()


PARTS = sorted({part for one in TEMPLATES for part in re.split(r"\{\w+\}", one)} | {"x", "7", "\n"})


@given(st.lists(st.sampled_from(PARTS), max_size=9).map("".join))
def test_a_text_is_matched_as_its_template_says(text: str) -> None:
    for template in TEMPLATES:
        assert values_in(text, template) == by_regex(text, template)


HOSTILE = {
    "parts of one template": "x" + " has  GPUs free that suit, the gang needs : " * 40_000,
    "its end is missing": "a of b" + " of " * 200_000 + ", " * 200_000,
    "sentences in a sentence": (CHANGED_IN_SLURM.partition("{")[0]) * 50_000 + "x",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_long_text_is_read_in_the_time_that_its_length_takes(text: str) -> None:
    begun_s = time.process_time()

    assert known_again(text) == text
    assert time.process_time() - begun_s < 3


def test_any_other_text_is_left_as_it_is() -> None:
    assert known_again("NonZeroExitCode").in_words(words("kk")) == "NonZeroExitCode"
