"""sacct tells of jobs of any state as Slurm's own does, for people and for programs."""

from __future__ import annotations

import pytest

from scheduler.cli.shims.sacct import FIELDS
from tests.cli.service import Service
from tests.cli.shims.conftest import Program
from tests.cli.world import a_job, a_running_job, ago, an_element, an_ended_job


@pytest.fixture(autouse=True)
def a_queue(service: Service) -> None:
    long_ago = {"start_time": ago(days=3, hours=1), "end_time": ago(days=3)}
    service.jobs = [
        *(an_element(2), an_element(1), a_job(1042), a_running_job(1041), an_ended_job(1040)),
        an_ended_job(1039, display_name="old", exit_code=137, **long_ago),
    ]


CALLS = {
    "what submitit asks": (
        ("-o", "JobID,State,NodeList", "--parsable2", "-j", "1041", "-j", "1050"),
        "JobID|State|NodeList\n1041|RUNNING|n[01-02]\n"
        "1050_1|PENDING|None assigned\n1050_2|PENDING|None assigned\n",
    ),
    "what snakemake asks": (
        (
            *("-X", "--parsable2", "--clusters", "all", "--noheader", "--format=JobIdRaw,State"),
            *("--starttime", "2020-01-31T09:00", "--endtime", "now", "--name", "old"),
        ),
        "1039|FAILED\n",
    ),
    "what snakemake asks of nodes": (
        ("-j", "1041", "-n", "-X", "-o", "nodelist%-16"),
        "n[01-02]         \n",
    ),
    "what Parsl asks": (
        ("-X", "--noheader", "--format=jobid,state%20", "--job", "1041,1042"),
        "1041                      RUNNING \n1042                      PENDING \n",
    ),
    "bars at the end": (("-pn", "-j1040", "-o", "JobID,ExitCode"), "1040|3:0|\n"),
    "a signal": (("-Pn", "-j", "1039", "-oExitCode,Elapsed"), "0:9|01:00:00\n"),
    "a cut text": (("-n", "-j", "1042", "-o", "JobName%6"), "train+ \n"),
    "a step": (("-Pn", "-j", "1041.batch"), ""),
    "a job that is not there": (("-P", "-j", "99", "-o", "JobID"), "JobID\n"),
    "by its time": (("-Pn", "-S", "now-1days", "-E", "now", "-oJobID", "-sF"), "1040\n"),
    "one state, once": (("-Pn", "-S", "midnight", "-oJobID", "-s", "RUNNING"), "1041\n"),
}


@pytest.mark.parametrize(("words", "out"), CALLS.values(), ids=CALLS.keys())
def test_a_call_is_answered_as_slurms_would(
    program: Program, words: tuple[str, ...], out: str
) -> None:
    assert program("sacct", *words) == (0, out, "")


def test_the_table_has_slurms_heads(program: Program) -> None:
    head, rule, _ = program("sacct", "-X", "-j", "1041").out.splitlines()

    assert head == "JobID           JobName  Partition    Account  AllocCPUS      State ExitCode "
    assert rule == "------------ ---------- ---------- ---------- ---------- ---------- -------- "


def test_every_field_has_a_text_for_every_job(program: Program, service: Service) -> None:
    form = ",".join(field.head for field in FIELDS)

    lines = program("sacct", "-PaS2020-01-01", "-o", form).out.splitlines()

    assert [line.count("|") for line in lines] == [len(FIELDS) - 1] * (len(service.jobs) + 1)


REFUSED = {
    "a field": ("-oMaxRSS", 'sacct: error: Invalid field requested: "MaxRSS"\n'),
    "a time": ("-Ssoon", "sacct: error: Invalid time specification: soon\n"),
    "an option": ("--json", "sacct: error: --json (option --json not recognized)"),
    "a word": ("tail", "sacct: error: unexpected argument: tail\n"),
    "a cluster": ("-Mother", "sacct: error: another cluster is not answered here"),
}


@pytest.mark.parametrize(("word", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_answered_is_refused_by_name(
    program: Program, word: str, complaint: str
) -> None:
    told = program("sacct", word)

    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(complaint)
