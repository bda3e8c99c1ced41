"""Traces are read strictly, and what they leave open is filled in as told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from scheduler.errors import InvalidRequest
from scheduler.simulation.traces import COLUMNS, Gaps, read_trace, workload_of

HEADER = ",".join(COLUMNS)
GOOD = "1,0,100,4,,alpha,ann,200,5,3"


def a_trace(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "trace.csv.gz"
    path.write_bytes(gzip.compress("\n".join([header, *rows, ""]).encode()))
    return path


def test_a_row_becomes_a_job(tmp_path: Path) -> None:
    (job,) = workload_of("t", read_trace(a_trace(tmp_path, GOOD)), 8).jobs

    assert (job.job_id, job.organisation, job.user, job.gpus) == ("1", "alpha", "ann", 4)
    assert (job.submit_s, job.run_s, job.walltime_s) == (0, 100, 200)


BAD = {
    "a negative duration": ("1,0,-5,4,,a,b,,,", "duration_s: -5 is not an amount .* drop the row"),
    "a negative submission": ("1,-1,5,4,,a,b,,,", "submit_s: -1 is not an amount"),
    "a word for a number": ("1,0,long,4,,a,b,,,", "duration_s: 'long' is not a number; give"),
    "an endless run": ("1,0,inf,4,,a,b,,,", "duration_s: inf is not an amount"),
    "no GPU": ("1,0,5,0,,a,b,,,", "gpus: 0 GPUs; drop the row"),
    "a part of a GPU": ("1,0,5,0.5,,a,b,,,", "gpus: 0.5 is not a whole number; round"),
    "no number of the job": (",0,5,1,,a,b,,,", "job_id: it is empty; number"),
    "too few values": ("1,0,5,1", "row: it has not 10 values"),
    "too many values": (GOOD + ",9,9", "row: it has not 10 values"),
}


@pytest.mark.parametrize(("row", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_row_is_refused_by_file_line_and_column(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"line 3: trace.csv.gz: {message}"):
        read_trace(a_trace(tmp_path, GOOD, row))


def test_rows_out_of_order_are_refused_with_both_times(tmp_path: Path) -> None:
    rows = ("1,50,5,1,,a,b,,,", "2,40,5,1,,a,b,,,")
    with pytest.raises(InvalidRequest, match="40 comes after 50; sort the rows by submit_s"):
        read_trace(a_trace(tmp_path, *rows))


def test_unknown_and_missing_columns_are_refused_by_name(tmp_path: Path) -> None:
    header = HEADER.replace("user", "users")
    with pytest.raises(InvalidRequest, match=r"users: unknown column.*user: missing column"):
        read_trace(a_trace(tmp_path, header=header))


def test_several_faults_are_told_together_and_not_thousands(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_trace(a_trace(tmp_path, *["1,0,-5,4,,a,b,,,"] * 500))
    assert len(refused.value.violations) == 10


def test_a_file_that_is_no_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv.gz"
    path.write_text(HEADER)
    with pytest.raises(InvalidRequest, match=r"trace.csv.gz: cannot be read .*pack it anew"):
        read_trace(path)


def test_a_job_ends_at_the_walltime_that_was_asked_for(tmp_path: Path) -> None:
    path = a_trace(tmp_path, "1,0,900,1,,a,b,600,,")
    assert workload_of("t", read_trace(path), 8).jobs[0].run_s == 600


def test_missing_walltimes_are_made_up_alike_each_time(tmp_path: Path) -> None:
    trace = read_trace(a_trace(tmp_path, *[f"{n},0,4000,1,,a,b,,," for n in range(200)]))
    jobs = workload_of("t", trace, 8).jobs

    assert jobs == workload_of("t", trace, 8).jobs
    assert jobs != workload_of("t", trace, 8, Gaps(seed=1)).jobs
    assert all(job.walltime_s >= 4000 for job in jobs)
    # 4,000 s at an accuracy of 0.1 to 1: from 2 hours to half a day.
    assert {job.walltime_s for job in jobs} == {7200, 14400, 28800, 43200}


def test_jobs_of_nobody_are_drawn_into_made_up_organisations(tmp_path: Path) -> None:
    trace = read_trace(a_trace(tmp_path, *[f"{n},0,10,1,,,,,," for n in range(50)]))

    assert {job.organisation for job in workload_of("t", trace, 8).jobs} == {"everyone"}
    drawn = workload_of("t", trace, 8, Gaps(organisations=3)).jobs
    assert {job.organisation for job in drawn} == {"org000", "org001", "org002"}


def test_parts_of_a_gpu_are_rounded_up_when_told_so(tmp_path: Path) -> None:
    path = a_trace(tmp_path, "1,0,5,0.5,,a,b,,,")
    assert read_trace(path, Gaps(round_up_gpus=True))[0].gpus == 1
