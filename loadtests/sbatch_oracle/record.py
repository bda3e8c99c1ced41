"""slurmctld's record of a held job beside the request that we would admit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from loadtests.sbatch_oracle.listing import time_text
from loadtests.sbatch_oracle.ours import OurReading
from loadtests.sbatch_oracle.real import STARTS_ON
from loadtests.sbatch_oracle.slurm import ARRAY_ID
from scheduler.domain.dependencies.terms import Term
from scheduler.domain.requests import GpuRequest, Memory, MemoryPer
from scheduler.domain.sbatch.reading import ReadJob
from scheduler.domain.sbatch.values import TypedGpus, array

_GPUS = re.compile(r"gres:gpu:(?:[a-z0-9]+:)?(\d+)")
_MIB = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)")
_UNIT_MIB = {"": 1, "M": 1, "G": 1024, "T": 1024**2}
_MEMORY_FIELD = {MemoryPer.NODE: "MinMemoryNode", MemoryPer.CPU: "MinMemoryCPU"}
_NONE = "(null)"

Record = Mapping[str, str]


def record_differences(ours: OurReading, record: Record) -> Iterator[str]:
    """Yield each field of the record that says something else than our request.

    What the request leaves to the layout, which is then told to Slurm, is not compared.
    """
    if "complaint" in record:
        yield f"submitted: {record['complaint']}"
    elif ours.job is not None and "JobName" in record:
        for rule in RULES:
            if found := rule(ours, ours.job, record):
                yield found


def _differs(field: str, we: object, slurm: object) -> str:
    return "" if we == slurm else f"{field}: we admit {we!r}, slurmctld has {slurm!r}"


def _gpus_of_job(ours: OurReading, _: ReadJob, record: Record) -> str:
    asked = ours.settings["gpus"].meaning if "gpus" in ours.settings else None
    return _differs("GPUs", _count(asked), _recorded_gpus(record.get("TresPerJob", "")))


def _gpus_of_node(ours: OurReading, _: ReadJob, record: Record) -> str:
    names = [name for name in ("gpus-per-node", "gres") if name in ours.settings]
    asked = ours.settings[names[0]].meaning if names else None
    return _differs("GPUs a node", _count(asked), _recorded_gpus(record.get("TresPerNode", "")))


def _count(asked: object) -> int:
    return asked.count if isinstance(asked, TypedGpus) else 0


def _recorded_gpus(text: str) -> int:
    found = _GPUS.search(text)
    return int(found[1]) if found else int("gpu" in text)


def _nodes(ours: OurReading, job: ReadJob, record: Record) -> str:
    """Compare the nodes that are asked for, or else those that slurmctld would start it on.

    Of a range the record holds a guess, and the listing the numbers.
    """
    given = ours.settings.get("nodes")
    if job.spec.request.nodes is None or (given and "-" in (given.value or "")):
        return ""
    field = "NumNodes" if given else STARTS_ON
    return _differs("nodes", job.spec.request.nodes, int(record[field].partition("-")[0]))


def _tasks(ours: OurReading, job: ReadJob, record: Record) -> str:
    """Compare the tasks; without a number of nodes the record counts those of one node."""
    if "cpus-per-gpu" in ours.settings or not {"nodes", "ntasks"} & ours.settings.keys():
        return ""
    tasks = _tasks_asked(job.spec.request)
    return _differs("tasks", tasks, int(record["NumTasks"])) if tasks else ""


def _tasks_asked(request: GpuRequest) -> int | None:
    if request.tasks or request.tasks_per_node is None:
        return request.tasks
    return request.tasks_per_node * request.nodes if request.nodes else None


def _cpus(ours: OurReading, job: ReadJob, record: Record) -> str:
    if "cpus-per-gpu" in ours.settings:
        return ""
    return _differs("CPUs of a task", str(job.spec.request.cpus_per_task), record["CPUs/Task"])


def _memory(_: OurReading, job: ReadJob, record: Record) -> str:
    memory = job.spec.request.memory
    if memory is None or memory.per not in _MEMORY_FIELD:
        return ""
    text = record.get(_MEMORY_FIELD[memory.per], "0")
    return "" if _is(memory, text) else _differs("memory", memory, text)


def _is(memory: Memory, text: str) -> bool:
    """Compare as closely as the record is written: it rounds to two places of a unit."""
    match = _MIB.fullmatch(text)
    if match is None:
        return False
    unit = _UNIT_MIB[match[2]]
    return abs(float(match[1]) * unit - memory.mib) <= unit / 100


def _walltime(ours: OurReading, job: ReadJob, record: Record) -> str:
    if "time" not in ours.settings:
        return ""
    return _differs("walltime", time_text(job.spec.request.walltime_s), record["TimeLimit"])


def _name(_: OurReading, job: ReadJob, record: Record) -> str:
    return _differs("name", job.spec.name, record["JobName"])


def _partitions(_: OurReading, job: ReadJob, record: Record) -> str:
    asked = job.spec.request.partitions
    return _differs("partitions", set(asked), set(record["Partition"].split(","))) if asked else ""


def _constraint(ours: OurReading, _: ReadJob, record: Record) -> str:
    given = ours.settings["constraint"].value if "constraint" in ours.settings else _NONE
    # slurmctld writes a comma as the & that it means.
    return _differs("constraint", (given or "").replace(",", "&"), record["Features"])


def _array(_: OurReading, job: ReadJob, record: Record) -> str:
    if "ArrayTaskId" not in record:
        return _differs("array", job.array_indices, ())
    held = array(record["ArrayTaskId"])
    return _differs("array", (job.array_indices, job.array_limit), (held.indices(), held.limit))


def _directory(_: OurReading, job: ReadJob, record: Record) -> str:
    return _differs("directory", job.spec.working_directory, record["WorkDir"])


def _requeue(ours: OurReading, job: ReadJob, record: Record) -> str:
    said = {"requeue", "no-requeue"} & ours.settings.keys()
    return _differs("requeue", job.spec.recallable, record["Requeue"] == "1") if said else ""


def _dependency(_: OurReading, job: ReadJob, record: Record) -> str:
    asked = job.spec.dependency
    terms = map(_recorded_term, asked.terms) if asked else iter(())
    text = ("?" if asked and asked.any_will_do else ",").join(terms) or _NONE
    return _differs("dependency", text, record.get("Dependency", _NONE))


def _recorded_term(term: Term) -> str:
    """Return a term as slurmctld writes it: of an array without an index `2_*`."""
    named = term.named
    is_array = named is not None and named.index is None and named.number == ARRAY_ID
    delay = f"+{term.delay_min}" if term.delay_min else ""
    name = "" if named is None else f":{named}{'_*' if is_array else ''}{delay}"
    return f"{term.condition}{name}(unfulfilled)"


RULES: tuple[Callable[[OurReading, ReadJob, Record], str], ...] = (
    _gpus_of_job,
    _gpus_of_node,
    _nodes,
    _tasks,
    _cpus,
    _memory,
    _walltime,
    _name,
    _partitions,
    _constraint,
    _array,
    _directory,
    _requeue,
    _dependency,
)
