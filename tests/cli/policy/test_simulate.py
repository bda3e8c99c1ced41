"""`tendik policy simulate`: the site's weeks, or a trace, under an old and a new policy."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.simulation.reading import request_of
from scheduler.domain.requests import GpuRequest, GpusPer, Memory, MemoryPer
from scheduler.rpc.convert.past_jobs import request_message
from scheduler.simulation.traces import COLUMNS
from scheduler.v1.policy_service_pb2 import ListPastJobsRequest, PolicyVersion
from tests.cli.conftest import Tendik
from tests.cli.service import Service

EQUAL = 'title = "all alike"\n[classes.universities]\n'
CUT = 'title = "robots less"\n[classes.universities]\n[organisations.caspian-robotics]\n'


@pytest.fixture
def files(tmp_path: Path, service: Service) -> dict[str, str]:
    """Return policy files and a trace, with `equal` in force."""
    service.policies[0] = PolicyVersion(number=3, title="all alike", text=EQUAL)
    texts = {
        "equal.toml": EQUAL,
        "cut.toml": f"{CUT}ceiling_gpus = 4\n",
        "taught.toml": f"{EQUAL}[classes.students]\n",
        "wrong.toml": f"{CUT}ceiling = 4\n",
        "trace.csv": a_trace(),
        "odd.csv": a_trace().replace("queue", "colour"),
        "empty.csv": ",".join(COLUMNS) + "\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name.partition(".")[0]: str(tmp_path / name) for name in texts}


def a_trace() -> str:
    rows = [
        f"{n},{n * 3600},7200,8,a100,{('alpha', 'beta')[n % 2]},u{n % 2},14400,,"
        for n in range(1, 100)
    ]
    return "\n".join([",".join(COLUMNS), *rows]) + "\n"


def simulated(tendik: Tendik, *words: str) -> Any:
    result = tendik("policy", "simulate", *words, "-o", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_sites_own_jobs_are_replayed_under_both(
    tendik: Tendik, service: Service, files: dict[str, str]
) -> None:
    found = simulated(tendik, files["cut"])

    fares = {one["organisation"]: one for one in found["organisations"]}
    assert (found["jobs"], found["gpus"], found["cycle_seconds"]) == (6, 16, 60)
    assert (found["before"]["title"], found["after"]["title"]) == ("all alike", "robots less")
    assert fares["caspian-robotics"]["after"]["refusals"] == 3
    assert fares["caspian-robotics"]["change"] == "LOSES"
    assert fares["astana-university"]["before"]["gpu_hours"] == 48
    assert [one.page_token for one in service.of(ListPastJobsRequest)] == ["", "", "4"]


def test_people_get_a_table_and_are_told_what_is_not_in_it(
    tendik: Tendik, files: dict[str, str]
) -> None:
    result = tendik("policy", "simulate", files["cut"])

    first, second = result.stdout.splitlines()[1:3]
    assert first.split()[:3] == ["caspian-robotics", "universities", "3"]
    assert first.endswith("loses")
    assert "0 -> 3" in first
    assert second.endswith("no difference")
    assert result.stdout.splitlines()[-1].startswith("in all: utilisation ")
    assert "greedy allocator, in cycles at least 60 s apart" in result.stderr
    assert "not in it: usage from before" in result.stderr


def test_a_policy_against_itself_makes_no_difference(tendik: Tendik, files: dict[str, str]) -> None:
    found = simulated(tendik, files["equal"])

    assert {one["change"] for one in found["organisations"]} == {"SAME"}
    assert found["before"] == found["after"]


def test_a_trace_needs_no_service(tendik: Tendik, service: Service, files: dict[str, str]) -> None:
    words = ("--against", files["equal"], "--trace", files["trace"], "--pool", "alem/a100=2x8")
    found = simulated(tendik, files["equal"], *words, "--days", "2", "--cycle", "300")

    assert service.requests == []
    assert found["days"] == 2
    assert found["jobs"] == 49
    assert found["cycle_seconds"] == 300
    assert {one["tenant_class"] for one in found["organisations"]} == {"universities"}


def test_the_class_of_a_traces_organisation_can_be_said(
    tendik: Tendik, files: dict[str, str]
) -> None:
    words = ("--against", files["equal"], "--trace", files["trace"], "--pool", "a100=2x8")
    found = simulated(tendik, files["taught"], *words, "--member", "beta=students")

    places = {one["organisation"]: one["tenant_class"] for one in found["organisations"]}
    assert places == {"alpha": "universities", "beta": "students"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--days", "20"], 3, "--days: 20 days asked, the history has 1.0; ask for at most 1"),
        (["--trace", "TRACE"], 2, "a trace does not say on which machines; add --pool NAME="),
        (
            ["--trace", "TRACE", "--pool", "x=1x8", "--member", "beta=student"],
            2,
            "--member: neither policy has a class 'student' for beta; they have universities",
        ),
        (["--pool", "x=1x8"], 2, "--pool and --member describe a trace; name it with --trace"),
        (["--trace", "TRACE", "--pool", "x=8"], 3, "--pool: 'x=8' describes no pool; write NAME="),
        (
            ["--trace", "TRACE", "--pool", "x=1x8", "--pool", "y=1x8"],
            3,
            "--pool: there is no pool of the trace's GPU type 'a100'; describe it with --pool",
        ),
        (["--trace", "TRACE", "--pool", "x=1x8", "--member", "b"], 2, "--member: 'b' is not ORG"),
        (
            ["--trace", "TRACE", "--pool", "x=1x8", "--days", "9"],
            3,
            "--days: 9 days asked, the trace has 4.1; ask for fewer, or leave it out",
        ),
        (["--trace", "ODD", "--pool", "x=1x8"], 3, "odd.csv: colour: unknown column; drop it, or"),
        (["--trace", "EMPTY", "--pool", "x=1x8"], 3, "--trace: there is no job in it; give anoth"),
        (["--trace", "nowhere.csv", "--pool", "x=1x8"], 2, "cannot read nowhere.csv: No such fil"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_contradicts_itself_is_refused_with_the_mend(
    tendik: Tendik, files: dict[str, str], words: list[str], code: int, told: str
) -> None:
    given = [files.get(word.lower(), word) if word.isupper() else word for word in words]

    result = tendik("policy", "simulate", files["equal"], *given)

    assert told in result.stderr
    assert result.exit_code == code


def test_a_wrong_file_is_told_with_its_line(tendik: Tendik, files: dict[str, str]) -> None:
    result = tendik("policy", "simulate", files["wrong"])

    assert result.exit_code == 3
    assert "wrong.toml:4: organisations.caspian-robotics.ceiling" in result.stderr


def test_a_site_without_jobs_says_so(
    tendik: Tendik, service: Service, files: dict[str, str]
) -> None:
    service.past_jobs = []

    result = tendik("policy", "simulate", files["equal"])

    assert (result.exit_code, result.stdout) == (3, "")
    assert "--days: no job was ever submitted here" in result.stderr


def test_pictures_are_written_where_they_are_asked_for(
    tendik: Tendik, files: dict[str, str], tmp_path: Path
) -> None:
    result = tendik("policy", "simulate", files["cut"], "--plots", str(tmp_path / "pictures"))

    assert result.exit_code == 0, result.output
    written = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert written == {"gpu-hours.png", "waits.png", "utilisation.png", "organisations.png"}


def test_without_the_extra_it_is_said_before_the_work(
    tendik: Tendik, service: Service, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    result = tendik("policy", "simulate", files["cut"], "--plots", "pictures")

    assert result.exit_code == 2
    assert "add it with: pip install 'tendik[plots]'" in result.stderr
    assert service.requests == []


def test_what_the_service_tells_of_a_request_is_read_whole() -> None:
    asked = GpuRequest(
        *(4, GpusPer.NODE, 2, 16, 8, 6, Memory(8192, MemoryPer.GPU), 7200, "h200"),
        partitions=("alem", "bura"),
        constraint=(frozenset({"nvlink", "big"}), frozenset({"new"})),
    )

    for request in (asked, GpuRequest(1)):
        assert request_of(request_message(request).SerializeToString()) == request
