"""A real statement adds up, says a stranger's script, and one that was tampered with does not."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from scheduler.domain.budgets.ledger import EntryKind
from tests.build import at
from tests.rpc.ledger_world import ENDS, called, with_a_ledger
from tests.rpc.world import World, a_world

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "examples" / "check_statement.py"
RATES = ("1", "3/2")
WORDS = ("budget", "statement", "vision")


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        with_a_ledger(world)
        yield world


async def told(world: World, *words: str) -> Any:
    return json.loads(await called(world, "arman", *WORDS, "-o", "json", *words))


def checked(folder: Path, statement: Any, *rates: str) -> tuple[int, str]:
    """Run the script as anybody would, where our code cannot be imported."""
    file = folder / "statement.json"
    file.write_text(json.dumps(statement), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), file.name, *rates],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, (ran.stdout or ran.stderr).strip()


async def test_a_real_statement_adds_up(world: World, tmp_path: Path) -> None:
    statement = await told(world)

    kinds = {line["kind"] for line in statement["lines"]}
    assert kinds == {kind.name for kind in EntryKind}
    assert checked(tmp_path, statement, *RATES) == (0, "adds up")


@pytest.mark.parametrize("seconds", [5, 20_000, 80_050, 95_000, 111_000, ENDS + 1])
async def test_so_does_each_part_of_it(world: World, tmp_path: Path, seconds: int) -> None:
    cut = at(seconds).isoformat()

    earlier, later = await told(world, "--until", cut), await told(world, "--since", cut)

    assert earlier["closing_left_gpu_seconds"] == later["opening_left_gpu_seconds"]
    assert checked(tmp_path, earlier, *RATES) == (0, "adds up")
    assert checked(tmp_path, later, *RATES) == (0, "adds up")


def line_of(statement: Any, kind: str) -> Any:
    return next(line for line in statement["lines"] if line["kind"] == kind)


def _a_smaller_award(statement: Any) -> None:
    line_of(statement, "AWARD")["amount_gpu_seconds"] -= 1


def _a_line_is_missing(statement: Any) -> None:
    statement["lines"].remove(line_of(statement, "CHARGE"))


def _a_line_is_there_twice(statement: Any) -> None:
    statement["lines"].append(line_of(statement, "HOLD"))


def _a_balance_is_other(statement: Any) -> None:
    statement["lines"][5]["project_left_gpu_seconds"] += 1


def _a_run_used_less(statement: Any) -> None:
    line_of(statement, "CHARGE")["used_gpu_seconds"] -= 2


def _a_refund_is_small(statement: Any) -> None:
    line_of(statement, "REFUND")["amount_gpu_seconds"] -= 1


def _more_is_left_at_the_end(statement: Any) -> None:
    statement["grants"][1]["closing"]["left_gpu_seconds"] += 1


def _a_kind_comes_to_more(statement: Any) -> None:
    statement["kinds"][0]["amount_gpu_seconds"] += 1


def _a_hold_is_released_twice(statement: Any) -> None:
    released = line_of(statement, "RELEASE")
    statement["lines"].insert(statement["lines"].index(released), released)


def _nothing_was_awarded(statement: Any) -> None:
    for one in [one for one in statement["lines"] if one["kind"] == "AWARD"]:
        statement["lines"].remove(one)


BROKEN = {
    "a smaller award": (_a_smaller_award, "line 1: left are"),
    "a missing line": (_a_line_is_missing, "sums by grant or by kind"),
    "a line twice": (_a_line_is_there_twice, "sums by grant or by kind"),
    "another balance": (_a_balance_is_other, "line 6: left are"),
    "a run that used less": (_a_run_used_less, "charged for"),
    "a small refund": (_a_refund_is_small, "refunded of"),
    "another end": (_more_is_left_at_the_end, "sums by grant or by kind"),
    "another sum of a kind": (_a_kind_comes_to_more, "sums by grant or by kind"),
    "a hold released twice": (_a_hold_is_released_twice, "more is released than was held"),
    "no award": (_nothing_was_awarded, "below zero"),
}


@pytest.mark.parametrize(("breaks", "says"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_one_does_not(
    world: World, tmp_path: Path, breaks: Callable[[Any], None], says: str
) -> None:
    statement = await told(world)
    breaks(statement)

    code, output = checked(tmp_path, statement, *RATES)

    assert code == 1
    assert says in output


def a_line(kind: str, amount: int, at: int, used: int | None = None) -> dict[str, Any]:
    return {
        "time": f"2026-01-01T00:00:{at:02}Z",
        "grant": 1,
        "kind": kind,
        "job_id": None if kind == "AWARD" else 8,
        "attempt": 1 if at > 1 else None,
        "amount_gpu_seconds": amount,
        "used_gpu_seconds": used,
    }


@pytest.mark.parametrize(
    ("refunds", "output"),
    [
        ((72, -8), "adds up"),
        ((8, -8), "adds up"),
        ((31, 0), "job 8, run 1: 31 refunded of 0 charged"),
    ],
)
def test_a_run_that_slurm_began_anew_is_refunded_as_itself(
    tmp_path: Path, refunds: tuple[int, int], output: str
) -> None:
    """Both runs have one attempt: the first is given back, all of it or what it did not use."""
    amount, used = refunds
    lines = [
        a_line("AWARD", 9000, 0),
        a_line("HOLD", 4800, 1),
        a_line("RELEASE", 4800, 18),
        a_line("CHARGE", 72, 18, 72),
        a_line("HOLD", 4800, 18),
        a_line("REFUND", amount, 59, used),
        a_line("RELEASE", 4800, 60),
        a_line("CHARGE", 32, 60, 32),
    ]
    sums = dict.fromkeys(("awarded", "carried_in", "carried_out", "lapsed", "held", "charged"), 0)
    opening = {f"{name}_gpu_seconds": 0 for name in (*sums, "left")}
    left, kinds = 0, Counter[str]()
    effects = {"AWARD": 1, "HOLD": -1, "RELEASE": 1, "CHARGE": -1, "REFUND": 1}
    for number, line in enumerate(lines):
        kinds[line["kind"]] += line["amount_gpu_seconds"]
        left += effects[line["kind"]] * line["amount_gpu_seconds"]
        line |= {"entry": number, "grant_left_gpu_seconds": left, "project_left_gpu_seconds": left}
    closing = opening | {
        "awarded_gpu_seconds": 9000,
        "charged_gpu_seconds": 104 - amount,
        "left_gpu_seconds": left,
    }
    statement = {
        "since_time": None,
        "lines": lines,
        "grants": [{"grant": 1, "opening": opening, "closing": closing}],
        "kinds": [{"kind": kind, "amount_gpu_seconds": sums} for kind, sums in kinds.items()],
    }

    assert checked(tmp_path, statement)[1] == output


async def test_a_rate_that_was_not_published_is_found(world: World, tmp_path: Path) -> None:
    code, output = checked(tmp_path, await told(world), "1")

    assert code == 1
    assert output.count("charged for") == 1


async def test_csv_has_every_line_of_the_ledger(world: World) -> None:
    statement = await told(world)
    text = await called(world, "arman", *WORDS, "-o", "csv")

    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert [int(row["entry"]) for row in rows] == [line["entry"] for line in statement["lines"]]
    assert sum(int(row["effect_gpu_seconds"]) for row in rows) == int(
        rows[-1]["project_left_gpu_seconds"]
    )


async def test_the_page_needs_nothing_from_anywhere(world: World, tmp_path: Path) -> None:
    file = tmp_path / "statement.html"

    await called(world, "arman", *WORDS, "--output", "html", "--to", str(file))

    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "size: A4" in page
    for outside in ("<script", "http:", "https:", "url(", "@import", "src=", "<link"):
        assert outside not in page
    assert page.count("<tr>") > len((await told(world))["lines"])
