"""What all options together ask for, and the ways in which they may contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from scheduler.domain.dependencies.terms import Dependency
from scheduler.domain.recalls.notices import NoticeSignal
from scheduler.domain.requests import GpuRequest, GpusPer, Memory
from scheduler.domain.sbatch.values import MAX_COUNT, Array, TypedGpus
from scheduler.errors import Violation
from scheduler.texts import Said, listed, said

DEFAULT_WALLTIME_S = 3600
DEFAULT_JOB_NAME = "sbatch"


@dataclass(frozen=True, slots=True)
class Asked:
    """What each option says after later ones have overridden earlier ones; None: not given."""

    gpus: TypedGpus | None = None
    gpus_per_node: TypedGpus | None = None
    gres: TypedGpus | None = None
    nodes: int | None = None
    ntasks: int | None = None
    ntasks_per_node: int | None = None
    cpus_per_task: int | None = None
    cpus_per_gpu: int | None = None
    mem: Memory | None = None
    mem_per_cpu: Memory | None = None
    mem_per_gpu: Memory | None = None
    time: int = DEFAULT_WALLTIME_S
    job_name: str = DEFAULT_JOB_NAME
    partition: tuple[str, ...] = ()
    constraint: tuple[frozenset[str], ...] = ()
    array: Array | None = None
    chdir: str = ""
    signal: NoticeSignal | None = None
    dependency: Dependency | None = None
    kill_on_invalid_dep: bool = False
    account: str = ""
    qos: str = ""
    lines: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def per_node(self) -> TypedGpus | None:
        return self.gpus_per_node or self.gres

    @property
    def gpu_type(self) -> str:
        given = (self.gpus, self.gpus_per_node, self.gres)
        return next((asked.gpu_type for asked in given if asked and asked.gpu_type), "")

    @property
    def memory(self) -> Memory | None:
        return self.mem or self.mem_per_cpu or self.mem_per_gpu

    @property
    def node_count(self) -> int | None:
        """Return how many nodes this comes to, None when that is left to the layout."""
        if self.nodes:
            return self.nodes
        if self.gpus and self.per_node:
            return self.gpus.count // self.per_node.count
        if self.ntasks and self.ntasks_per_node:
            return ceil(self.ntasks / self.ntasks_per_node)
        # Slurm then counts the tasks of one node, and lets no second one help with the GPUs.
        return 1 if self.gpus and self.ntasks_per_node else None


Conflict = tuple[str, Said] | None


def gpus_are_asked_for(asked: Asked) -> Conflict:
    if asked.gpus or asked.per_node:
        return None
    return "--gpus", said(
        "no GPUs are asked for; add #SBATCH --gpus=1, or --gpus-per-node with --nodes"
    )


def gpus_are_of_one_type(asked: Asked) -> Conflict:
    given = {"--gpus": asked.gpus, "--gpus-per-node": asked.gpus_per_node, "--gres": asked.gres}
    types = {flag: gpus.gpu_type for flag, gpus in given.items() if gpus}
    if len(set(types.values())) <= 1:
        return None
    words = listed(
        said("{flag} says {gpu_type}", flag=flag, gpu_type=gpu_type or said("none"))
        for flag, gpu_type in types.items()
    )
    return next(reversed(types)), said(
        "one job takes GPUs of one type, but {words}; say the same", words=words
    )


def gpus_on_a_node_are_said_once(asked: Asked) -> Conflict:
    if not asked.gres or not asked.gpus_per_node:
        return None
    if asked.gres.count == asked.gpus_per_node.count:
        return None
    return "--gres", said(
        "differs from --gpus-per-node={count}; keep one of them", count=asked.gpus_per_node.count
    )


def gpus_agree_with_the_nodes(asked: Asked) -> Conflict:
    if not asked.gpus:
        return None
    gpus, per_node, nodes = asked.gpus.count, asked.per_node, asked.node_count
    if per_node and (nodes or 0) * per_node.count != gpus:
        ways = said(
            "{nodes} nodes with {count} GPUs each",
            nodes=asked.nodes or said("any number of"),
            count=per_node.count,
        )
        return "--gpus", said("{gpus} GPUs are not {ways}; leave --gpus out", gpus=gpus, ways=ways)
    if nodes and gpus % nodes:
        even = f"--gpus={max(1, gpus // nodes) * nodes}"
        return "--gpus", said(
            "{gpus} GPUs do not spread evenly over {nodes} nodes; try {even}",
            gpus=gpus,
            nodes=nodes,
            even=even,
        )
    return None


def gpus_are_within_bounds(asked: Asked) -> Conflict:
    if _total_gpus(asked) <= MAX_COUNT:
        return None
    return "--nodes", said(
        "{gpus} GPUs are more than {most}; ask for fewer",
        gpus=_total_gpus(asked),
        most=MAX_COUNT,
    )


def tasks_fit_their_nodes(asked: Asked) -> Conflict:
    nodes, tasks, most = asked.node_count, asked.ntasks, asked.ntasks_per_node
    if not nodes or not tasks:
        return None
    if tasks < nodes:
        return "--ntasks", said(
            "{tasks} tasks are fewer than {nodes} nodes; start one on each node",
            tasks=tasks,
            nodes=nodes,
        )
    if most and tasks > nodes * most:
        return "--ntasks", said(
            "{nodes} nodes with {most} tasks each are fewer than {tasks} tasks; ask for more nodes",
            nodes=nodes,
            most=most,
            tasks=tasks,
        )
    return None


def memory_is_said_in_one_way(asked: Asked) -> Conflict:
    given = {
        "--mem": asked.mem,
        "--mem-per-cpu": asked.mem_per_cpu,
        "--mem-per-gpu": asked.mem_per_gpu,
    }
    flags = [flag for flag, memory in given.items() if memory]
    if len(flags) <= 1:
        return None
    return flags[-1], said("Slurm takes only one of {names}; keep one", names=", ".join(flags))


def cpus_are_said_in_one_way(asked: Asked) -> Conflict:
    if asked.cpus_per_gpu is None:
        return None
    if asked.cpus_per_task is not None:
        return "--cpus-per-gpu", said("Slurm takes it or --cpus-per-task, not both; keep one")
    if _tasks_and_cpus(asked) is not None:
        return None
    return "--cpus-per-gpu", said("does not come out even for the tasks; use --cpus-per-task")


def cpus_of_gpus_have_nodes(asked: Asked) -> Conflict:
    """Slurm 22.05 finds no nodes for such a job, though it would work them out otherwise."""
    lays_out = asked.gpus and asked.cpus_per_gpu and asked.ntasks and asked.ntasks_per_node
    if not lays_out or asked.nodes or asked.per_node:
        return None
    mend = said("add --nodes={nodes}", nodes=asked.node_count)
    return "--cpus-per-gpu", said(
        "Slurm places it with tasks of each node only beside --nodes; {mend}", mend=mend
    )


# Each names a way in which options that are right alone do not go together.
RULES = (
    gpus_are_asked_for,
    gpus_are_of_one_type,
    gpus_on_a_node_are_said_once,
    gpus_agree_with_the_nodes,
    gpus_are_within_bounds,
    tasks_fit_their_nodes,
    memory_is_said_in_one_way,
    cpus_are_said_in_one_way,
    cpus_of_gpus_have_nodes,
)


def conflicts(asked: Asked) -> list[Violation]:
    """Return every way in which the options do not go together."""
    found = [rule(asked) for rule in RULES]
    return [Violation(flag, text, asked.lines.get(flag, 0)) for flag, text in filter(None, found)]


def request_of(asked: Asked) -> GpuRequest:
    """Return the request of options without conflicts."""
    tasks, tasks_per_node, cpus_per_task = _tasks_and_cpus(asked) or (None, None, 1)
    return GpuRequest(
        gpus=asked.per_node.count if asked.per_node else _total_gpus(asked),
        gpus_per=GpusPer.NODE if asked.per_node else GpusPer.JOB,
        nodes=asked.node_count,
        tasks=tasks,
        tasks_per_node=tasks_per_node,
        cpus_per_task=cpus_per_task,
        memory=asked.memory,
        walltime_s=asked.time,
        gpu_type=asked.gpu_type,
        partitions=asked.partition,
        constraint=asked.constraint,
    )


def _total_gpus(asked: Asked) -> int:
    if asked.per_node:
        return asked.per_node.count * (asked.node_count or 1)
    return asked.gpus.count if asked.gpus else 0


TasksAndCpus = tuple[int | None, int | None, int]


def _tasks_and_cpus(asked: Asked) -> TasksAndCpus | None:
    """Return tasks, tasks per node and CPUs per task; None when CPUs per GPU come out uneven.

    CPUs per GPU without a number of tasks are counted as one task for each GPU: whatever the
    layout, that comes to the same CPUs on each node.
    """
    if asked.cpus_per_gpu is None:
        return asked.ntasks, asked.ntasks_per_node, asked.cpus_per_task or 1
    if asked.ntasks is None and asked.ntasks_per_node is None:
        if asked.per_node:
            return None, asked.per_node.count, asked.cpus_per_gpu
        return _total_gpus(asked), None, asked.cpus_per_gpu
    tasks_on_node = _tasks_on_node(asked)
    cpus_on_node = _gpus_on_node(asked) * asked.cpus_per_gpu
    if not cpus_on_node or cpus_on_node % tasks_on_node:
        return None
    return asked.ntasks, asked.ntasks_per_node, cpus_on_node // tasks_on_node


def _gpus_on_node(asked: Asked) -> int:
    """Return the GPUs on each node, 0 when that is left to the layout."""
    if asked.per_node:
        return asked.per_node.count
    gpus = _total_gpus(asked)
    nodes = asked.node_count or (1 if gpus == 1 else None)
    return gpus // nodes if nodes else 0


def _tasks_on_node(asked: Asked) -> int:
    nodes = asked.node_count or 1
    return asked.ntasks_per_node or ceil((asked.ntasks or nodes) / nodes)
