"""A script and flags become a job; later options override, contradictions are named."""

from __future__ import annotations

import pytest

from scheduler.domain.recalls.notices import NoticeSignal, Receiver
from scheduler.domain.requests import GpuRequest, GpusPer, Memory, MemoryPer, gang_for
from scheduler.domain.sbatch.reading import MAX_SCRIPT_BYTES, ReadJob, notice_signal, read_job
from scheduler.errors import InvalidRequest


def script(*options: str) -> str:
    directives = "".join(f"#SBATCH {option}\n" for option in options)
    return f"#!/bin/bash\n{directives}srun python train.py\n"


def request(*options: str) -> GpuRequest:
    return read_job(script(*options)).spec.request


def refusals(text: str, *flags: str, directory: str = "") -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        read_job(text, flags, directory)
    return [str(violation) for violation in refused.value.violations]


REQUESTS = {
    "GPUs of the whole job": (["--gpus=4"], GpuRequest(4)),
    "GPUs of a type": (["-G h200:4"], GpuRequest(4, gpu_type="h200")),
    "GPUs on each node": (
        ["--gpus-per-node=8", "-N2"],
        GpuRequest(8, GpusPer.NODE, nodes=2),
    ),
    "generic resources are GPUs on each node": (
        ["--gres=gpu:a100:2"],
        GpuRequest(2, GpusPer.NODE, gpu_type="a100"),
    ),
    "GPUs of the job and of each node give the nodes": (
        ["--gpus=h200:16", "--gpus-per-node=h200:8"],
        GpuRequest(8, GpusPer.NODE, nodes=2, gpu_type="h200"),
    ),
    "tasks and tasks per node give the nodes": (
        ["--gpus=16", "-n 10", "--ntasks-per-node=5"],
        GpuRequest(16, nodes=2, tasks=10, tasks_per_node=5),
    ),
    "GPUs of the job with tasks of each node are on one node": (
        ["--gpus=4", "--ntasks-per-node=2"],
        GpuRequest(4, nodes=1, tasks_per_node=2),
    ),
    "a range of nodes counts as its smaller number": (
        ["-G4", "--nodes=2-4"],
        GpuRequest(4, nodes=2),
    ),
    "tasks and their CPUs": (
        ["-G4", "-n 4", "-c 12"],
        GpuRequest(4, tasks=4, cpus_per_task=12),
    ),
    "memory of each CPU": (
        ["-G1", "--mem-per-cpu=4G"],
        GpuRequest(1, memory=Memory(4096, MemoryPer.CPU)),
    ),
    "walltime": (["-G1", "-t 1-12"], GpuRequest(1, walltime_s=36 * 3600)),
    "partitions": (["-G1", "-p alem,all"], GpuRequest(1, partitions=("alem", "all"))),
    "features": (
        ["-G1", "-C 'nvlink&ib|pcie'"],
        GpuRequest(1, constraint=(frozenset({"nvlink", "ib"}), frozenset({"pcie"}))),
    ),
}


@pytest.mark.parametrize(("options", "want"), REQUESTS.values(), ids=REQUESTS.keys())
def test_directives_become_a_request(options: list[str], want: GpuRequest) -> None:
    assert request(*options) == want


CPUS_PER_GPU = {
    "without tasks": ["--cpus-per-gpu=8"],
    "on fixed nodes": ["--cpus-per-gpu=8", "--nodes=2"],
    "on each node": ["--cpus-per-gpu=8", "--gpus-per-node=4"],
    "with as many tasks as GPUs": ["--cpus-per-gpu=8", "--nodes=2", "--ntasks=8"],
    "with fewer tasks than GPUs": ["--cpus-per-gpu=8", "--nodes=2", "--ntasks-per-node=2"],
}


@pytest.mark.parametrize("options", CPUS_PER_GPU.values(), ids=CPUS_PER_GPU.keys())
def test_cpus_per_gpu_come_to_the_same_cpus_on_each_node(options: list[str]) -> None:
    gang = gang_for(request("--gpus=8", *options), node_gpus=8, default_mib_per_cpu=0)

    assert gang is not None
    assert gang.per_node.cpus == 8 * gang.per_node.gpus


def test_what_is_not_said_has_defaults() -> None:
    read = read_job(script("--gpus=1"))

    assert read == ReadJob(read.spec, array_indices=(), array_limit=0)
    assert (read.spec.name, read.spec.request.walltime_s) == ("sbatch", 3600)
    assert (read.spec.request.tasks, read.spec.request.memory) == (None, None)


def test_the_script_is_kept_verbatim() -> None:
    text = script("--gpus=1") + "\n\n# the end  "

    assert read_job(text).spec.script == text


def test_later_directives_override_earlier_ones_and_flags_override_both() -> None:
    text = script("--gpus=1 -J one", "--gpus=2", "--time=10")
    read = read_job(text, ("--time", "20", "-J", "three"))

    assert (read.spec.request.gpus, read.spec.request.walltime_s) == (2, 1200)
    assert read.spec.name == "three"


def test_flags_are_kept_one_string_for_each_except_those_answered_here() -> None:
    flags = ("-N", "2", "-vt10", "--array", "0-3%2", "-D/data", "--requ", "--output", "a b", "-k")
    read = read_job(script("--gpus=2"), flags)

    kept = ("--nodes=2", "--time=10", "--requeue", "--output=a b", "--no-kill")
    assert read.spec.flags == kept
    assert (read.array_indices, read.array_limit) == ((0, 1, 2, 3), 2)


DIRECTORIES = {
    "the caller's own": ((), "/home/aru", "/home/aru"),
    "another": (("--chdir=/data",), "/home/aru", "/data"),
    "one below the caller's own": (("--chdir=runs",), "/home/aru", "/home/aru/runs"),
    "the account's home": ((), "", ""),
}


@pytest.mark.parametrize(("flags", "callers", "want"), DIRECTORIES.values(), ids=DIRECTORIES.keys())
def test_the_job_runs_in(flags: tuple[str, ...], callers: str, want: str) -> None:
    assert read_job(script("--gpus=1"), flags, callers).spec.working_directory == want


def test_every_violation_is_listed_with_its_line() -> None:
    text = script("--gpus=1", "--exclusive", "--time=soon -N0")

    assert refusals(text, "--qos=high") == [
        "--qos: there is normal alone, not 'high': shares decide who goes first; leave it out",
        "line 3: --exclusive: is refused: it takes whole nodes; ask for all their GPUs with "
        "--gpus-per-node",
        "line 4: --time: must be minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS, such as "
        "2:00:00 for two hours, not 'soon'",
        "line 4: --nodes: must be from 1 to 1000000, not 0",
    ]


CONTRADICTIONS = {
    "no GPUs": ([], "--gpus: no GPUs are asked for; add #SBATCH --gpus=1"),
    "two types": (
        ["--gpus=h200:2", "--gpus-per-node=a100:2"],
        "line 3: --gpus-per-node: one job takes GPUs of one type, but --gpus says h200",
    ),
    "a type in one place only": (
        ["--gpus=h200:2", "--gpus-per-node=2"],
        "line 3: --gpus-per-node: one job takes GPUs of one type, but --gpus says h200, "
        "--gpus-per-node says none; say the same",
    ),
    "two numbers for a node": (
        ["--gpus-per-node=2", "--gres=gpu:4"],
        "line 3: --gres: differs from --gpus-per-node=2",
    ),
    "nodes and their GPUs that are not the job's": (
        ["--gpus=8", "--gpus-per-node=2", "--nodes=2"],
        "line 2: --gpus: 8 GPUs are not 2 nodes with 2 GPUs each",
    ),
    "fewer GPUs than one node has": (
        ["--gpus=1", "--gpus-per-node=2"],
        "line 2: --gpus: 1 GPUs are not any number of nodes with 2 GPUs each",
    ),
    "uneven nodes": (
        ["--gpus=5", "--nodes=2"],
        "line 2: --gpus: 5 GPUs do not spread evenly over 2 nodes; try --gpus=4",
    ),
    "too many GPUs": (
        ["--gpus-per-node=1000", "--nodes=1001"],
        "line 3: --nodes: 1001000 GPUs are more than 1000000",
    ),
    "fewer tasks than nodes": (
        ["--gpus=4", "--nodes=4", "--ntasks=2"],
        "line 4: --ntasks: 2 tasks are fewer than 4 nodes",
    ),
    "more tasks than the nodes take": (
        ["--gpus=4", "--nodes=2", "--ntasks=5", "--ntasks-per-node=2"],
        "line 4: --ntasks: 2 nodes with 2 tasks each are fewer than 5 tasks",
    ),
    "memory in two ways": (
        ["--gpus=1", "--mem=4G", "--mem-per-gpu=2G"],
        "line 4: --mem-per-gpu: Slurm takes only one of --mem, --mem-per-gpu",
    ),
    "CPUs in two ways": (
        ["--gpus=1", "--cpus-per-task=4", "--cpus-per-gpu=4"],
        "line 4: --cpus-per-gpu: Slurm takes it or --cpus-per-task, not both",
    ),
    "CPUs that tasks do not share evenly": (
        ["--gpus=4", "--nodes=1", "--ntasks=3", "--cpus-per-gpu=4"],
        "line 5: --cpus-per-gpu: does not come out even",
    ),
    "CPUs of GPUs with tasks of nodes that are not said": (
        ["--gpus=8", "--ntasks=4", "--ntasks-per-node=2", "--cpus-per-gpu=2"],
        "line 5: --cpus-per-gpu: Slurm places it with tasks of each node only beside --nodes; "
        "add --nodes=2",
    ),
    "CPUs on nodes that are left open": (
        ["--gpus=4", "--ntasks=2", "--cpus-per-gpu=4"],
        "line 4: --cpus-per-gpu: does not come out even",
    ),
}


@pytest.mark.parametrize(("options", "want"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_options_that_do_not_go_together_are_refused(options: list[str], want: str) -> None:
    (refusal,) = refusals(script(*options))

    assert refusal.startswith(want)


NO_SCRIPTS = {
    "empty": ("", "script: is empty"),
    "blank": (" \n\t\n", "script: is empty"),
    "without a shell": ("#SBATCH --gpus=1\n", "line 1: script: must begin with #!"),
    "with a NUL": ("#!/bin/sh\n\0", "line 2: script: has a NUL character"),
    "with DOS line ends": (
        "#!/bin/sh\n#SBATCH --gpus=1\r\n",
        "line 2: script: has DOS line ends",
    ),
    "too long": ("#!/bin/sh\n" + "x" * MAX_SCRIPT_BYTES, "script: is larger than 4 MiB"),
    "too large in bytes": (
        "#!/bin/sh\n" + "қ" * (MAX_SCRIPT_BYTES // 2),
        "script: is larger than 4 MiB",
    ),
}


@pytest.mark.parametrize(("text", "want"), NO_SCRIPTS.values(), ids=NO_SCRIPTS.keys())
def test_what_is_no_batch_script_is_refused(text: str, want: str) -> None:
    (refusal,) = refusals(text)

    assert refusal.startswith(want)


def test_a_script_of_4_mib_is_read() -> None:
    text = script("--gpus=1")

    assert read_job(text + "#" * (MAX_SCRIPT_BYTES - len(text))).spec.request == GpuRequest(1)


def test_a_relative_directory_needs_one_to_start_from() -> None:
    assert refusals(script("--gpus=1", "-D runs"))[0].startswith("line 3: --chdir: starts from no")
    assert refusals(script("--gpus=1"), directory="runs")[0].startswith("working_directory: must")
    assert refusals(script("--gpus=1"), directory="/a\nb")[0].startswith("working_directory: must")


def test_no_more_violations_are_listed_than_anybody_reads() -> None:
    listed = refusals(script(*["--exclusive --hold"] * 400), *["--reboot"] * 100)

    assert len(listed) == 51
    assert listed[-1] == "script: more is wrong than is listed here; mend this first"


AGAIN = {
    "a script that does not say": ((), (), False),
    "a script that may run again": (("--requeue",), (), True),
    "a script that may not": (("--requeue", "--no-requeue"), (), False),
    "a flag against the script": (("--no-requeue",), ("--requeue",), True),
}


@pytest.mark.parametrize(("lines", "flags", "want"), AGAIN.values(), ids=AGAIN.keys())
def test_only_who_says_requeue_may_be_recalled(
    lines: tuple[str, ...], flags: tuple[str, ...], want: bool
) -> None:
    assert read_job(script("--gpus=1", *lines), flags).spec.recallable is want


def test_a_job_is_told_of_its_recall_by_its_own_signal_or_by_term() -> None:
    asked = read_job(script("--gpus=1", "--signal=USR1@60"), ("--signal=B:USR2",)).spec
    silent = read_job(script("--gpus=1")).spec

    assert notice_signal(asked) == NoticeSignal("USR2", Receiver.SCRIPT)
    assert notice_signal(silent) == NoticeSignal("TERM", Receiver.ALL)


def test_who_a_signal_once_was_for_it_stays_for_as_with_sbatch() -> None:
    asked = read_job(script("--gpus=1", "--signal=B:USR1"), ("--signal=INT",)).spec

    assert notice_signal(asked) == NoticeSignal("INT", Receiver.SCRIPT)


def test_a_signal_that_slurm_does_not_know_is_refused_with_its_line() -> None:
    (refusal,) = refusals(script("--gpus=1", "--signal=USR7"))

    assert refusal.startswith("line 3: --signal: 'USR7' is no signal that Slurm knows")
