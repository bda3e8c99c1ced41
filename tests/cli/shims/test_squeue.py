"""squeue tells of jobs in the columns that Slurm's own has, of the same width."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.shims.facts import clock
from scheduler.v1 import job_service_pb2 as jobs
from tests.cli.service import Service
from tests.cli.shims.conftest import Program
from tests.cli.world import a_job, a_running_job, ago, ahead, an_element, an_ended_job

HEAD = "             JOBID PARTITION     NAME     USER ST       TIME  NODES NODELIST(REASON)"

START_HEAD = (
    "             JOBID PARTITION     NAME     USER ST          START_TIME  NODES "
    "SCHEDNODES           NODELIST(REASON)"
)


@pytest.fixture(autouse=True)
def a_queue(service: Service) -> None:
    running = a_running_job(1041, start_time=ago(hours=1, minutes=3, seconds=2.5))
    service.jobs = [an_element(1), a_job(1042), running, an_ended_job(1040)]


def test_the_table_is_slurms(program: Program) -> None:
    head, first, second, third = program("squeue").out.splitlines()

    assert head == HEAD
    assert (
        first == "              1042           train-ll    aliya PD       0:00      2 (OthersFirst)"
    )
    assert second.split()[:3] == ["1050_1", "sweep", "aliya"]
    assert third == ("              1041      alem     eval    aliya  R    1:03:02      2 n[01-02]")


FORMATS = {
    "what Parsl asks": (("-h", "--format=%i %t", "--job", "1042"), "1042 PD\n"),
    "what snakemake asks": (
        ("--format=%i|%T", "--states=all", "--noheader", "--name", "eval"),
        "1040|FAILED\n1041|RUNNING\n",
    ),
    "an element": (("-h", "-o", "%i %A %F %K", "-j1050_1"), "1050_1 1051 1050 1\n"),
    "times": (("-ho%l %D", "-j", "1041"), "2:00:00 2\n"),
    "a width to the right": (("-h", "-j1041", "-o%.6t|%.3j|%5u|"), "     R|eva|aliya|\n"),
    "named columns": (
        ("-h", "-O", "JobID,StateCompact:4,Name:.10,NodeList:", "-j", "1041"),
        "1041                R         evaln[01-02]\n",
    ),
    "one's own": (("--me", "-h", "-t", "PD", "-o", "%A"), "1042\n1051\n"),
    "somebody else's": (("-u", "bolat", "-h"), ""),
    "states in both forms": (("-h", "-t", "R,failed", "-o%A"), "1040\n1041\n"),
    "a state that no job of ours is in": (("-h", "-t", "SUSPENDED", "-o%A"), ""),
    "a partition": (("-h", "-p", "alem", "-o%A"), "1041\n"),
}


@pytest.mark.parametrize(("words", "out"), FORMATS.values(), ids=FORMATS.keys())
def test_a_format_is_obeyed_to_the_letter(
    program: Program, words: tuple[str, ...], out: str
) -> None:
    assert program("squeue", *words) == (0, out, "")


def test_a_job_that_ended_long_ago_is_not_shown(program: Program, service: Service) -> None:
    service.jobs = [an_ended_job(1040, end_time=ago(hours=1))]

    assert program("squeue", "-h", "-t", "all").out == ""


def test_every_state_of_ours_has_a_word_of_slurms(program: Program, service: Service) -> None:
    states = set(jobs.JobState.values()) - {jobs.JOB_STATE_UNSPECIFIED}
    service.jobs = [a_job(n, state=state) for n, state in enumerate(sorted(states), start=1)]

    assert len(program("squeue", "-h", "-t", "all").out.splitlines()) == len(states)


def test_a_job_that_is_not_there_is_told_as_slurm_does(program: Program) -> None:
    missing = (1, "", "slurm_load_jobs error: Invalid job id specified\n")

    assert program("squeue", "-j", "99") == missing


def foreseen(job_id: int, p50: Timestamp, p90: Timestamp, **fields: Any) -> jobs.Job:
    told = jobs.StartEstimate(made_time=ago(minutes=10), p50_time=p50, p90_time=p90)
    return a_job(job_id, start_estimate=told, **fields)


LATE, SOON, PAST = ahead(hours=5), ahead(hours=2), ago(minutes=1)
STARTS = {
    "its P50": (foreseen(1, SOON, LATE), clock(SOON)),
    "its P90 where the P50 has passed": (foreseen(1, PAST, LATE), clock(LATE)),
    "none where both have passed": (foreseen(1, PAST, PAST), ""),
    "none where nothing was told": (a_job(1), ""),
    "none on the way to Slurm": (foreseen(1, SOON, LATE, state=jobs.JOB_STATE_SUBMITTED), ""),
    "its own once it runs": (a_running_job(1, start_time=PAST), clock(PAST)),
}


@pytest.mark.parametrize(("job", "start"), STARTS.values(), ids=STARTS.keys())
def test_a_start_is_told_or_expected(
    program: Program, service: Service, job: jobs.Job, start: str
) -> None:
    service.jobs = [job]

    assert program("squeue", "-h", "-o%S").out == f"{start or 'N/A'}\n"
    assert program("squeue", "-h", "-OStartTime:").out == f"{start or 'N/A'}\n"
    assert f"StartTime={start or 'Unknown'} " in program("scontrol", "-o", "show", "job", "1").out


def test_start_lists_pending_jobs_the_next_one_first(program: Program, service: Service) -> None:
    running = a_running_job(4)
    service.jobs = [a_job(1), foreseen(2, LATE, LATE), foreseen(3, SOON, LATE), running]

    head, *rows = program("squeue", "--start").out.splitlines()

    assert head == START_HEAD
    assert [row.split()[0] for row in rows] == ["3", "2", "1"]
    assert [row.split()[4:] for row in rows] == [
        [clock(SOON), "2", "(null)", "(OthersFirst)"],
        [clock(LATE), "2", "(null)", "(OthersFirst)"],
        ["N/A", "2", "(null)", "(OthersFirst)"],
    ]


def test_start_takes_another_format_and_other_states(program: Program, service: Service) -> None:
    service.jobs = [foreseen(2, SOON, LATE), a_running_job(4)]

    assert program("squeue", "--start", "-h", "-o%A", "-tR").out == "4\n"


@pytest.mark.parametrize("word", ["--sort", "-o%Q", "-Oprioritylong", "-tSLEEPING"])
def test_what_is_not_answered_is_refused_by_name(program: Program, word: str) -> None:
    told = program("squeue", word)

    assert told.code == 1
    assert told.err.startswith("squeue: error: ")
    assert word.lstrip("-otO%") in told.err
