"""A policy that is written reads back as the same policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.policies import Policy
from scheduler.policy_files import parse_policy, policy_text
from tests.policies.drawn import policies

SHIPPED = sorted((Path(__file__).parents[2] / "policies").glob("*.toml"))


@given(policies())
def test_what_is_written_reads_back_the_same(policy: Policy) -> None:
    assert parse_policy(policy_text("drawn", policy)) == ("drawn", policy)


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=100))
def test_a_title_of_any_letters_comes_back(title: str) -> None:
    policy = parse_policy('title = "x"\n[classes.a]\n')[1]

    assert parse_policy(policy_text(title, policy))[0] == title


def test_a_title_that_is_too_long_is_cut() -> None:
    policy = parse_policy('title = "x"\n[classes.a]\n')[1]

    assert parse_policy(policy_text("ж" * 120, policy))[0] == "ж" * 100


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_policy_is_written_as_it_was_read(path: Path) -> None:
    title, policy = parse_policy(path.read_text(encoding="utf-8"))

    assert parse_policy(policy_text(title, policy)) == (title, policy)
