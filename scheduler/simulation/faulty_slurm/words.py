"""Records and nodes in the words of Slurm's programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from scheduler.domain.resources import Amount
from scheduler.simulation.faulty_slurm.machines import Machine
from scheduler.simulation.faulty_slurm.records import PENDING, JobRecord

PARTITION, GPU_TYPE = "alem", "h200"


def _moment(at: datetime | None) -> str:
    return "N/A" if at is None else str(int(at.timestamp()))


def _tres(record: JobRecord) -> str:
    nodes, each = len(record.nodes), record.per_node
    return (
        f"cpu={nodes * each.cpus},mem={nodes * each.memory_mib}M,node={nodes},"
        f"gres/gpu={nodes * each.gpus}"
    )


def _nodes(record: JobRecord) -> str:
    return ",".join(record.nodes) if record.started_at else ""


def _reason(record: JobRecord) -> str:
    return record.hold or ("Resources" if record.state == PENDING else "None")


# What `squeue --Format` and `sacct --format` know, by the names that they share or have alone.
FIELDS: Mapping[str, Callable[[JobRecord], str]] = {
    "JobID": lambda one: str(one.slurm_id),
    "JobIDRaw": lambda one: str(one.slurm_id),
    "Comment": lambda one: one.comment,
    "admin_comment": lambda one: one.admin_comment,
    "AdminComment": lambda one: one.admin_comment,
    "UserName": lambda one: one.wanted.user,
    "User": lambda one: one.wanted.user,
    "Name": lambda one: one.name,
    "JobName": lambda one: one.name,
    "Partition": lambda one: one.wanted.partition,
    "State": lambda one: one.state,
    "Reason": _reason,
    "NodeList": _nodes,
    "ReqNodes": lambda one: ",".join(one.nodes),
    "NumNodes": lambda one: str(len(one.nodes)),
    "TimeLimit": lambda one: f"{one.minutes // 60}:{one.minutes % 60:02}:00",
    "StartTime": lambda one: _moment(one.started_at),
    "EndTime": lambda one: _moment(one.ended_at),
    "Start": lambda one: _moment(one.started_at),
    "End": lambda one: _moment(one.ended_at),
    "exit_code": lambda one: str(one.exit_code << 8 | one.signal),
    "ExitCode": lambda one: f"{one.exit_code}:{one.signal}",
    "tres-alloc": _tres,
    "AllocTRES": _tres,
    "RestartCnt": lambda one: str(one.restarts),
    # Nothing is gathered here.
    "TotalCPU": lambda _: "00:00:00",
    "NNodes": lambda one: str(len(one.nodes)),
    **dict.fromkeys(("NTasks", "MaxRSS", "TRESUsageInMax", "TRESUsageInAve"), lambda _: ""),
}


def rows(records: Iterable[JobRecord], fields: Sequence[str], end: str) -> str:
    """Return one line for each record, every field of it ended by `end`."""
    say = [FIELDS[name] for name in fields]
    return "".join("".join(f"{one(record)}{end}" for one in say) + "\n" for record in records)


def steps(record: JobRecord) -> str:
    """Return a job and its script as sacct lists them; here every script that has nodes begins."""
    told = "|".join((record.state, FIELDS["ExitCode"](record), FIELDS["Start"](record)))
    names = (f"{record.slurm_id}", f"{record.slurm_id}.batch")
    return "".join(f"{name}|{told}\n" for name in names)


def node_line(machine: Machine, used: Amount) -> str:
    """Return a node as `scontrol --oneliner show node` shows it."""
    state = "IDLE" if not used.gpus else "MIXED"
    if not machine.is_up:
        state = "DOWN"
    elif not machine.is_known:
        state = "UNKNOWN"
    own = machine.capacity
    return (
        f"NodeName={machine.name} CPUAlloc={used.cpus} CPUEfctv={own.cpus} CPUTot={own.cpus} "
        f"ActiveFeatures=(null) Gres=gpu:{GPU_TYPE}:{own.gpus} "
        f"GresUsed=gpu:{GPU_TYPE}:{used.gpus}(IDX:N/A) RealMemory={own.memory_mib} "
        f"AllocMem={used.memory_mib} State={state} Partitions={PARTITION}\n"
    )
