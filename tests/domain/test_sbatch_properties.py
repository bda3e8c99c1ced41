"""Whatever is sent, the reader answers with a job or with what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.requests import GpuRequest, GpusPer, Memory, MemoryPer
from scheduler.domain.sbatch.directives import MAX_VIOLATIONS
from scheduler.domain.sbatch.options import OPTIONS, Handling
from scheduler.domain.sbatch.reading import read_job
from scheduler.errors import InvalidRequest, Violation

MEM = {MemoryPer.NODE: "mem", MemoryPer.CPU: "mem-per-cpu", MemoryPer.GPU: "mem-per-gpu"}
words = st.text("abcdefgh0123456789_-.", min_size=1, max_size=8)
counts = st.integers(1, 1000)
memories = st.builds(Memory, st.integers(1, 10**6), st.sampled_from(MemoryPer))
per_node_requests = st.builds(
    GpuRequest,
    gpus=counts,
    gpus_per=st.just(GpusPer.NODE),
    nodes=counts,
    tasks_per_node=st.none() | counts,
    cpus_per_task=counts,
    memory=st.none() | memories,
    walltime_s=st.integers(1, 10_000).map(lambda minutes: minutes * 60),
    gpu_type=st.just("") | words,
    partitions=st.lists(words, unique=True, max_size=3).map(tuple),
    constraint=st.lists(st.frozensets(words, min_size=1, max_size=1), max_size=3).map(tuple),
)
per_job_requests = per_node_requests.map(
    lambda request: replace(request, gpus=request.gpus * (request.nodes or 1), gpus_per=GpusPer.JOB)
)
requests = per_node_requests | per_job_requests


def options_of(request: GpuRequest) -> list[str]:
    """Write a request as sbatch options."""
    name = "gpus" if request.gpus_per is GpusPer.JOB else "gpus-per-node"
    gpus = f"{request.gpu_type}:{request.gpus}" if request.gpu_type else str(request.gpus)
    given = {
        name: gpus,
        "nodes": request.nodes,
        "ntasks-per-node": request.tasks_per_node,
        "cpus-per-task": request.cpus_per_task,
        "time": request.walltime_s // 60,
        "partition": ",".join(request.partitions),
        "constraint": "|".join(feature for (feature,) in request.constraint),
    }
    if request.memory:
        given[MEM[request.memory.per]] = f"{request.memory.mib}M"
    return [f"--{name}={value}" for name, value in given.items() if value]


def script_of(options: list[str]) -> str:
    return "#!/bin/sh\n" + "".join(f"#SBATCH {option}\n" for option in options) + "srun a\n"


def violations(
    script: str, flags: Sequence[str] = (), directory: str = ""
) -> tuple[Violation, ...]:
    """Return what the reader refuses; any other exception than InvalidRequest fails the test."""
    try:
        read_job(script, flags, directory)
    except InvalidRequest as refused:
        return refused.violations
    return ()


@given(requests)
def test_a_request_survives_being_written_as_directives(request: GpuRequest) -> None:
    assert read_job(script_of(options_of(request))).spec.request == request


@given(requests)
def test_a_request_survives_being_written_as_flags(request: GpuRequest) -> None:
    options = options_of(request)
    spec = read_job("#!/bin/sh\nsrun a\n", options).spec

    assert (spec.request, spec.flags) == (request, tuple(options))


@given(per_node_requests, per_node_requests)
def test_flags_override_the_script(first: GpuRequest, second: GpuRequest) -> None:
    of_script, of_flags = options_of(replace(first, memory=None)), options_of(second)
    overridden = {option.partition("=")[0] for option in of_flags}
    left = [option for option in of_script if option.partition("=")[0] not in overridden]

    both = read_job(script_of(of_script), of_flags).spec.request
    assert both == read_job(script_of(left + of_flags)).spec.request


names = st.sampled_from([option.flag for option in OPTIONS] + ["-N", "-G", "-a", "-vn", "--", "-"])
noise = st.text(max_size=12) | st.sampled_from(["=", " ", "\n", "#SBATCH ", "#", "'", '"', "0-9%2"])
lines = st.lists(names | noise, max_size=6).map(lambda parts: "#SBATCH " + "".join(parts))


@given(st.lists(lines | st.text(), max_size=6), st.lists(names | noise, max_size=5), st.text())
def test_nothing_but_a_job_or_a_refusal_comes_out(
    text: list[str], flags: list[str], directory: str
) -> None:
    script = "#!/bin/sh\n#SBATCH --gpus=1\n" + "\n".join(text)

    assert len(violations(script, flags, directory)) <= MAX_VIOLATIONS + 1


@given(st.text(), st.lists(st.text(), max_size=3))
def test_text_that_is_no_script_is_refused_quietly(text: str, flags: list[str]) -> None:
    assert violations(text, flags) or text.startswith("#!")


refused_names = st.sampled_from(
    [option.flag for option in OPTIONS if option.handling is Handling.REFUSED]
)


@given(requests, refused_names, st.text("abc123,:=@", max_size=5), st.integers(0, 3))
def test_a_refused_option_never_passes(
    request: GpuRequest, name: str, value: str, place: int
) -> None:
    options = options_of(request)
    options.insert(place, f"{name}={value}")

    assert [violation.field for violation in violations(script_of(options))] == [name]
