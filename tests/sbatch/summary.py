"""What the reader makes of a script, in one line: `python -m tests.sbatch.summary` writes all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scheduler.domain.requests import GpuRequest
from scheduler.domain.sbatch.reading import ReadJob, read_job
from scheduler.errors import InvalidRequest

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE / "corpus").glob("*.sh"))
EXPECTED = HERE / "expected.txt"


def summary(script: str) -> str:
    """Return the job, or what is wrong, each option with its line."""
    try:
        return " ".join(_words(read_job(script, (), "/home/aru")))
    except InvalidRequest as refused:
        wrong = (f"{one.field} (line {one.line})" for one in refused.violations)
        return "refused: " + ", ".join(wrong)


def _words(job: ReadJob) -> Iterator[str]:
    spec = job.spec
    yield f"{spec.name!r}"
    yield from _size(spec.request)
    if job.array_indices:
        yield f"array={len(job.array_indices)}%{job.array_limit}"
    if spec.dependency:
        yield f"after={spec.dependency}"
    if job.held:
        yield "held"
    if job.account:
        yield f"account={job.account}"
    if spec.recallable:
        yield "requeue"
    if spec.working_directory != "/home/aru":
        yield f"in={spec.working_directory}"


def _size(request: GpuRequest) -> Iterator[str]:
    yield f"{request.gpus}/{request.gpus_per} nodes={request.nodes}"
    yield f"tasks={request.tasks} a-node={request.tasks_per_node} cpus={request.cpus_per_task}"
    if request.memory:
        yield f"{request.memory.mib}MiB/{request.memory.per}"
    yield f"{request.walltime_s // 60}min"
    yield from (f"type={request.gpu_type}",) if request.gpu_type else ()
    yield from (f"partitions={','.join(request.partitions)}",) if request.partitions else ()
    yield from ("|".join("&".join(sorted(one)) for one in request.constraint),)


def line(path: Path) -> str:
    """Return the line of a script: its name and its summary."""
    return f"{path.name}: {summary(path.read_bytes().decode())}".rstrip()


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(map(line, SCRIPTS)) + "\n", encoding="utf-8")
