"""Docs that restate a table of the code agree with it, and every command they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler.domain.explaining import PRECEDENCES
from scheduler.domain.jobs import MOVES, TERMINAL, JobState
from scheduler.domain.reasons import REASONS, Reason

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def state_diagram() -> str:
    lines = ["stateDiagram-v2", f"    [*] --> {JobState.PENDING}"]
    for state, targets in MOVES.items():
        lines += [f"    {state} --> {to}" for to in JobState if to in targets]
    lines += [f"    {state} --> [*]" for state in JobState if state in TERMINAL]
    return "\n".join(lines)


def reasons_table() -> str:
    rows = [f"| `{reason}` | {text.meaning} | {text.advice} |" for reason, text in REASONS.items()]
    return "\n".join(["| reason | it means | what helps |", "|---|---|---|", *rows])


def precedences_table() -> str:
    rows = [f"| `{rule}` | {meaning} |" for rule, meaning in PRECEDENCES.items()]
    return "\n".join(["| rule | it says |", "|---|---|", *rows])


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("architecture.md", state_diagram()),
        ("reasons.md", reasons_table()),
        ("reasons.md", precedences_table()),
    ],
    ids=["states", "reasons", "precedences"],
)
def test_docs_restate_the_code(file: str, text: str) -> None:
    assert text in (ROOT / "docs" / file).read_text(encoding="utf-8")


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(Reason)


def test_every_reason_says_when_it_is_true() -> None:
    _, told = (ROOT / "docs" / "reasons.md").read_text("utf-8").split("## When each is true")

    told, _ = told.split("## Who goes first")
    assert re.findall(r"^\| `([a-z_]+)` \| .+ \|$", told, re.MULTILINE) == list(Reason)


def test_every_state_says_where_it_may_go() -> None:
    assert set(MOVES) == set(JobState)
    assert all(MOVES[state] == frozenset() for state in TERMINAL)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_make_target_that_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        target
        for page in DOCS
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert named - targets == set()
