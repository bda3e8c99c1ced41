"""Shares: everybody's account, and its drawing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from scheduler.cli.reader_times import told_clock
from scheduler.cli.shares import bar
from tests.cli.conftest import Shell, Tendik
from tests.cli.service import Service
from tests.cli.world import SHARES, a_share


def test_every_organisation_is_shown_under_its_pool(tendik: Tendik) -> None:
    lines = tendik("share").stdout.splitlines()

    assert lines[0] == "alem/h200: 64 GPUs, 54 held, 4 used by others, 6 free"
    names = [line.split()[0] for line in lines[2:6]]
    assert names == ["health-agency", "steppe-robotics", "almaty-institute", "astana-university"]
    assert lines[3].split()[1:7] == ["startups", "21.3", "30", "40", "9", "-"]


def test_what_is_owed_is_shown_and_until_when_by_the_readers_clock(tendik: Tendik) -> None:
    result = tendik("share")

    rows = {line.split()[0]: line.split() for line in result.stdout.splitlines() if line}
    until = SHARES[2].borrowed_until_time.ToDatetime(UTC)
    assert rows["ORGANISATION"][7:9] == ["OWED", "UNTIL"]
    assert rows["health-agency"][7:9] == ["-", "-"]
    assert rows["steppe-robotics"][7:9] == ["-", told_clock(until, datetime.now(UTC)).split()[0]]
    assert rows["astana-university"][7] == "4"
    assert "UNTIL: what is owed comes by then at the latest" in result.stderr


def test_no_moments_need_no_words(tendik: Tendik, service: Service) -> None:
    service.shares = [a_share("a", "c", 8, 8, 8, 0, 0)]

    assert "UNTIL" not in tendik("share").stderr


def test_json_has_the_numbers_and_the_policys_version(tendik: Tendik) -> None:
    told = json.loads(tendik("share", "-o", "json").stdout)

    assert told["policy_version"] == 3
    assert told["shares"][0] == {
        "organisation": "astana-university",
        "tenant_class": "universities",
        "pool": "alem/h200",
        "entitled_gpus": 16.0,
        "held_gpus": 12,
        "wanted_gpus": 28,
        "borrowed_gpus": 0,
        "lent_gpus": 0,
        "mean_gpus": 6.0,
        "owed_gpus": 4,
        "owed_since_time": "2026-02-02T02:40:00Z",
        "owed_until_time": "2026-02-02T02:43:00Z",
        "borrowed_until_time": None,
    }


def test_a_pool_may_be_chosen(tendik: Tendik) -> None:
    chosen = json.loads(tendik("share", "--pool", "alem/h200", "-o", "json").stdout)

    assert {share["pool"] for share in chosen["shares"]} == {"alem/h200"}


def test_no_shares_yet_are_told_outside_the_data(tendik: Tendik, service: Service) -> None:
    service.shares = []

    result = tendik("share")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "no shares yet" in result.stderr


def test_a_bar_shows_held_borrowed_and_not_held_to_scale() -> None:
    assert bar(a_share("a", "c", 8, 12, 12, 4, 0), 12) == "█" * 16 + "▒" * 8
    assert bar(a_share("a", "c", 12, 6, 6, 0, 0), 12) == "█" * 12 + "·" * 12
    assert bar(a_share("a", "c", 0, 0, 0, 0, 0), 0) == ""


def test_an_output_that_knows_only_ascii_gets_ascii(shell: Shell) -> None:
    result = shell("share", PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert "###+" in result.stdout
