"""The process in which pyslurm lives: it answers one question at a time on a pipe.

Run as `python -m scheduler.backend.slurm_pyslurm_worker FD`. It is a process of its own because
pyslurm holds the interpreter's lock while it waits, ends the process when it finds no slurm.conf,
copies its environment into jobs, and is under the GPL.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from scheduler.backend.slurm_state import SlurmJob, SlurmNode
from scheduler.backend.slurm_words import gpus, host_names, takes_jobs
from scheduler.domain.cluster import Asked
from scheduler.domain.resources import Amount

# What an answer begins with.
DONE, REJECTED, FAILED = "done", "rejected", "failed"


class Slurm:
    """What the parent may ask; `api` is the pyslurm module, which has no types."""

    def __init__(self, api: Any) -> None:
        self._api = api

    def version(self) -> str:
        return str(self._api.__version__)

    def cluster(self) -> tuple[tuple[SlurmNode, ...], tuple[SlurmJob, ...]]:
        """Return nodes and jobs; what a node's GPUs do is told by its jobs.

        PySlurm 22.05 does not say of a node how many of its GPUs are in use.
        """
        nodes = self._api.Nodes.load()
        placed = [_placed(job) for job in self._api.Jobs.load().values()]
        held: dict[str, Amount] = {}
        for name, amount in (item for _, layout in placed for item in layout.items()):
            held[name] = held.get(name, Amount()) + amount
        return (
            tuple(_node(node, held.get(name, Amount())) for name, node in nodes.items()),
            tuple(job for job, _ in placed),
        )

    def queue(self) -> tuple[SlurmJob, ...]:
        return tuple(map(_job, self._api.Jobs.load().values()))

    def submit(self, description: Mapping[str, object], script: bytes) -> int:
        """Submit a job and return its id.

        The script goes in as a file in memory: pyslurm takes a text that is longer than a path
        may be for a path all the same, and fails.
        """
        descriptor = os.memfd_create("script")
        try:
            os.write(descriptor, script)
            path = f"/proc/self/fd/{descriptor}"
            return int(self._api.JobSubmitDescription(script=path, **description).submit())
        finally:
            os.close(descriptor)

    def cancel(self, slurm_ids: Iterable[int]) -> None:
        for slurm_id in slurm_ids:
            self._api.Job(slurm_id).cancel()


def _placed(job: Any) -> tuple[SlurmJob, Mapping[str, Amount]]:
    """Return the job and what it holds on each node, nothing once it has ended."""
    seen = _job(job)
    if not seen.holds_nodes:
        return seen, {}
    layout = _layout(job)
    held = sum(layout.values(), Amount())
    limit_min = job.time_limit if isinstance(job.time_limit, int) else 0
    asks = Asked(held, host_names(job.required_nodes or ""), 60 * limit_min)
    return replace(seen, held=held, asks=asks), layout


def _layout(job: Any) -> Mapping[str, Amount]:
    layout = job.get_resource_layout_per_node()
    return {
        name: Amount(_gpus_of(part["gres"]), _count(part["cpu_ids"]), int(part["memory"] or 0))
        for name, part in layout.items()
    }


def _gpus_of(gres: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(int(part["count"]) for name, part in gres.items() if name.split(":")[0] == "gpu")


def _count(cpu_ids: str | None) -> int:
    return len(host_names(f"[{cpu_ids}]")) if cpu_ids else 0


def _job(job: Any) -> SlurmJob:
    signal = int(job.exit_code_signal or 0)
    return SlurmJob(
        slurm_id=int(job.id),
        comment=job.comment or "",
        admin_comment=job.admin_comment or "",
        unix_account=job.user_name or "",
        state=str(job.state),
        reason=job.state_reason or "",
        nodes=host_names(job.allocated_nodes or ""),
        started_at=_moment(job.start_time),
        ended_at=_moment(job.end_time),
        exit_code=128 + signal if signal else int(job.exit_code or 0),
        restarts=int(job.requeue_count or 0),
    )


def _node(node: Any, held: Amount) -> SlurmNode:
    configured = ",".join(f"{name}:{count}" for name, count in node.configured_gres.items())
    gpu_type, gpu_count = gpus(configured)
    memory_mib = int(node.real_memory) - int(node.memory_reserved_for_system or 0)
    return SlurmNode(
        name=node.name,
        partitions=tuple(node.partitions),
        gpu_type=gpu_type,
        capacity=Amount(gpu_count, int(node.effective_cpus), memory_mib),
        allocated=Amount(held.gpus, int(node.allocated_cpus), int(node.allocated_memory)),
        features=frozenset(node.active_features),
        available=takes_jobs(node.state),
    )


def _moment(epoch_s: int | None) -> datetime | None:
    return datetime.fromtimestamp(epoch_s, UTC) if epoch_s else None


def answer(slurm: Slurm, api: Any, question: tuple[str, tuple[object, ...]]) -> tuple[str, object]:
    """Return what became of one question: its value, or an error in words, with Slurm's code."""
    name, arguments = question
    ask: Callable[..., object] = getattr(slurm, name)
    try:
        return DONE, ask(*arguments)
    except api.RPCError as error:
        return FAILED, (error.errno, str(error))
    except (ValueError, TypeError, LookupError) as error:
        # pyslurm found fault with its input before it called anybody.
        return REJECTED, f"{type(error).__name__}: {error}"


def main(descriptor: int) -> None:
    """Answer until the parent closes its end."""
    api = import_module("pyslurm")
    slurm = Slurm(api)
    with Connection(descriptor) as parent:
        while True:
            try:
                question = parent.recv()
            except EOFError:
                return
            parent.send(answer(slurm, api, question))


if __name__ == "__main__":
    main(int(sys.argv[1]))
