"""Measures whether SubmitJob notices that a cycle of 50,000 pending jobs runs."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import grpc
import uvloop
from rich.console import Console
from rich.progress import Progress

from loadtests.figures import Figure, as_table
from loadtests.national import NODE_GPUS, NODES, POOLS, Place, fill, script
from loadtests.stack import Stack, running_service
from scheduler.v1.cluster_service_pb2 import GetClusterRequest
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.job_service_pb2 import SubmitJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

if TYPE_CHECKING:
    from scheduler.v1.job_service_pb2_grpc import JobServiceAsyncStub

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench-api"
PENDING_JOBS = 50_000
# What the engine does may cost a caller half as much again at the slowest hundredth.
GREATEST_RATIO = 1.5
# Nine million jobs a day: far more than a national service gets, and far below what fills a core,
# so that the figure is of waiting for the engine and not of waiting for other callers.
CALLS_PER_S = 100
CONNECTIONS = 8
# Between cycles, so that half of the calls meet none; the two halves alternate every few seconds,
# and what else the machine does falls on both.
INTERVAL_S = 3.0
# The first cycles fill the idle cluster and tell 50,000 jobs their reasons: no usual cycle does.
WARM_UP_CYCLES = 4
CYCLES = 12
# A tick begins with a read of the cluster, which no report tells of.
MARGIN_S = 0.3
PATIENCE_S = 300.0
CALL_TIMEOUT_S = 30.0
LEAST_CALLS = 100  # of fewer nobody can tell the slowest hundredth
SETTINGS = {
    "TENDIK_BACKEND": "simulated",
    "TENDIK_SIMULATED_CLUSTER": f"{POOLS}x{NODES}x{NODE_GPUS}",
    "TENDIK_CYCLE_INTERVAL_S": str(INTERVAL_S),
}


@dataclass(frozen=True, slots=True)
class Call:
    """When a call began and how long it took, in seconds."""

    began_s: float
    took_s: float


@dataclass(frozen=True, slots=True)
class Cycle:
    """When a cycle ran, by the machine's clock."""

    number: int
    began_s: float
    ended_s: float

    def meets(self, call: Call) -> bool:
        ended_s = call.began_s + call.took_s
        return call.began_s < self.ended_s + MARGIN_S and ended_s > self.began_s - MARGIN_S


def main() -> None:
    """Fill a database, run the service on it, call at a steady rate, and tell the calls apart."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jobs", type=int, default=PENDING_JOBS)
    options.add_argument("--engine", choices=("process", "thread"), default="process")
    options.add_argument("--cycles", type=int, default=CYCLES)
    asked = options.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    places = fill(f"sqlite:///{FOLDER / 'tendik.db'}", asked.jobs)
    with running_service(FOLDER, {**SETTINGS, "TENDIK_ENGINE": asked.engine}) as stack:
        calls, cycles = uvloop.run(_measure(stack, places, asked.cycles))
    figure = _figure(calls, cycles, asked)
    if asked.engine == "process":
        figure.write()
    else:  # the other way is no promise: shown, not kept
        Console().print(as_table((figure,)))


async def _measure(
    stack: Stack, places: Sequence[Place], count: int
) -> tuple[list[Call], list[Cycle]]:
    async with AsyncExitStack() as channels:
        connected = [
            await channels.enter_async_context(
                grpc.aio.insecure_channel(
                    stack.address, options=[("grpc.use_local_subchannel_pool", 1)]
                )
            )
            for _ in range(CONNECTIONS)
        ]
        watch = ClusterServiceStub(connected[0])
        admin = (("authorization", f"Bearer {stack.admin_token}"),)

        async def newest() -> Cycle | None:
            """Return the cycle that ended last; None before the first."""
            answer = await watch.GetCluster(GetClusterRequest(), metadata=admin)
            if not answer.HasField("last_cycle"):
                return None
            last = answer.last_cycle
            began_s = last.time.ToMicroseconds() / 1e6
            return Cycle(last.number, began_s, began_s + last.duration_seconds)

        return await _run(connected, places, newest, count)


async def _run(
    channels: Sequence[grpc.aio.Channel],
    places: Sequence[Place],
    newest: Callable[[], Awaitable[Cycle | None]],
    count: int,
) -> tuple[list[Call], list[Cycle]]:
    """Call while the cycles after the first few run; the last one is waited for."""
    calls: list[Call] = []
    cycles: dict[int, Cycle] = {}
    caller: asyncio.Task[None] | None = None
    deadline_s = time.time() + PATIENCE_S + count * 30
    with Progress() as progress:
        bar = progress.add_task("cycles", total=WARM_UP_CYCLES + count)
        while len(cycles) < WARM_UP_CYCLES + count and time.time() < deadline_s:
            if (cycle := await newest()) is not None:
                cycles[cycle.number] = cycle
            progress.update(bar, completed=len(cycles))
            if caller is None and len(cycles) >= WARM_UP_CYCLES:
                caller = asyncio.create_task(_calling(channels, places, calls))
            await asyncio.sleep(0.5)
    if caller is not None:
        caller.cancel()
    return calls, list(cycles.values())[WARM_UP_CYCLES:]


async def _calling(
    channels: Sequence[grpc.aio.Channel], places: Sequence[Place], calls: list[Call]
) -> None:
    """Begin a call every hundredth of a second, whether or not the earlier ones have ended."""
    stubs: list[JobServiceAsyncStub] = [JobServiceStub(channel) for channel in channels]
    async with asyncio.TaskGroup() as group:
        began_s, number = time.time(), 0
        while True:
            number += 1
            place, stub = places[number % len(places)], stubs[number % len(stubs)]
            group.create_task(_submit(stub, place, number, calls))
            await asyncio.sleep(max(0.0, began_s + number / CALLS_PER_S - time.time()))


async def _submit(stub: JobServiceAsyncStub, place: Place, number: int, calls: list[Call]) -> None:
    request = SubmitJobRequest(
        request_id=f"bench-{number}", script=script(number % POOLS + 1, 2, 2, 120)
    )
    metadata = (("authorization", f"Bearer {place.token}"),)
    wall_s, began_s = time.time(), time.perf_counter()
    await stub.SubmitJob(request, timeout=CALL_TIMEOUT_S, metadata=metadata)
    calls.append(Call(wall_s, time.perf_counter() - began_s))


def _figure(calls: Sequence[Call], cycles: Sequence[Cycle], asked: argparse.Namespace) -> Figure:
    pairs = list(_pairs(calls, cycles))
    ratios = [_p99_ms(during) / _p99_ms(around) for during, around in pairs]
    ratio = median(ratios)
    during, around = (list(chain.from_iterable(side)) for side in zip(*pairs, strict=True))
    seconds = median(cycle.ended_s - cycle.began_s for cycle in cycles)
    detail = (
        f"median of {len(ratios)} cycles, each beside the seconds around it ({min(ratios):.2f} to "
        f"{max(ratios):.2f}); all together p99 {_p99_ms(during):.1f} ms of {len(during)} calls "
        f"during cycles, {_p99_ms(around):.1f} ms of {len(around)} around them (p50 "
        f"{_p50_ms(during):.1f}, {_p50_ms(around):.1f}); {asked.jobs:,} jobs pending, a cycle "
        f"takes {seconds:.1f} s; engine: {asked.engine}"
    )
    holds = ratio <= GREATEST_RATIO
    return Figure("api_during_cycle_p99_ratio", ratio, "", f"<= {GREATEST_RATIO}", holds, detail)


def _pairs(
    calls: Sequence[Call], cycles: Sequence[Cycle]
) -> Iterator[tuple[list[Call], list[Call]]]:
    """Yield, for each cycle with known neighbours, the calls that met it and those around it.

    A cycle takes longest while the machine is busiest: calls of all cycles against all others
    would compare busy minutes with quiet ones.
    """
    for before, cycle, after in zip(cycles, cycles[1:], cycles[2:], strict=False):
        near = [call for call in calls if before.ended_s < call.began_s < after.began_s]
        during = [call for call in near if cycle.meets(call)]
        met = {call for call in near for other in (before, after) if other.meets(call)}
        around = [call for call in near if not cycle.meets(call) and call not in met]
        if min(len(during), len(around)) >= LEAST_CALLS:
            yield during, around


def _p99_ms(calls: Sequence[Call]) -> float:
    return quantiles((call.took_s for call in calls), n=100)[-1] * 1000


def _p50_ms(calls: Sequence[Call]) -> float:
    return median(call.took_s for call in calls) * 1000


if __name__ == "__main__":
    main()
