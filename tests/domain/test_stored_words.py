"""What is stored as English text is known again, and can be said in other languages."""

from __future__ import annotations

import re

import pytest

from scheduler.domain.stored_words import (
    HOLDS,
    HOLDS_IN_POOL,
    NOT_TOGETHER,
    TEMPLATES,
    TOO_FEW_FREE,
    known_again,
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


def test_any_other_text_is_left_as_it_is() -> None:
    assert known_again("NonZeroExitCode").in_words(words("kk")) == "NonZeroExitCode"
