"""Measures SubmitJob, durably stored, beside an empty unary call, and jobs stored in batches."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import grpc
import uvloop

from loadtests.figures import Figure
from scheduler.v1.cluster_service_pb2 import GetClusterRequest
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.job_service_pb2 import BatchSubmitJobsRequest, SubmitJobRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench-submit"
CLIENTS = 50
# Many short pairs: what else the machine does then falls on both sides of the comparison.
ROUNDS = 11
ROUND_S = 1.0
WARM_UP_S = 1.0
CALL_TIMEOUT_S = 10.0
# No more than what gRPC itself costs may go to reading, checking and storing.
LEAST_RATIO = 0.50
# A few callers at once, each with as many jobs as a call may hold.
LEAST_BATCHED_JOBS_PER_S = 20_000
BATCH_CLIENTS, BATCH_JOBS = 4, 1_000
BATCH_ROUNDS = 5
BATCH_ROUND_S = 2.0
# A person at a prompt does not notice it.
GREATEST_P95_MS = 50.0
SCRIPT = """#!/bin/bash
#SBATCH --job-name=train-{user}
#SBATCH --gpus=2
#SBATCH --cpus-per-task=8
#SBATCH --mem-per-gpu=64G
#SBATCH --time=02:00:00
#SBATCH --output=train-%j.log
srun python train.py --epochs 10
"""
# Every client has a connection of its own, as users have.
OPTIONS = (("grpc.use_local_subchannel_pool", 1),)

Call = Callable[[], Awaitable[object]]
# Gives a client, by its channel and number, the call that it repeats.
Calls = Callable[[grpc.aio.Channel, int], Call]


@dataclass(frozen=True, slots=True)
class Round:
    """How many calls were answered in a second, and how long each took."""

    calls_per_s: float
    latencies_ms: tuple[float, ...]

    @property
    def p95_ms(self) -> float:
        return quantiles(self.latencies_ms, n=20)[-1]


def main() -> None:
    """Run both servers, alternate the rounds, and store the figures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with _child("bare") as bare, _child("service", str(FOLDER), str(CLIENTS)) as service:
        empty, submit = uvloop.run(_measure(bare[0], service[0], service[1:]))
        batched = uvloop.run(_measure_batches(service[0], service[1:]))
    for figure in (*_figures(empty, submit), _batch_figure(batched)):
        figure.write()


async def _measure(
    bare: str, service: str, tokens: Sequence[str]
) -> tuple[list[Round], list[Round]]:
    submits = _submits(tokens)
    await _round(bare, _empties, WARM_UP_S)
    await _round(service, submits, WARM_UP_S)
    empty, stored = [], []
    for _ in range(ROUNDS):
        empty.append(await _round(bare, _empties, ROUND_S))
        stored.append(await _round(service, submits, ROUND_S))
    return empty, stored


async def _measure_batches(service: str, tokens: Sequence[str]) -> list[Round]:
    batches = _batches(tokens)
    await _round(service, batches, WARM_UP_S, BATCH_CLIENTS)
    return [
        await _round(service, batches, BATCH_ROUND_S, BATCH_CLIENTS) for _ in range(BATCH_ROUNDS)
    ]


async def _round(port: str, calls: Calls, seconds: float, clients: int = CLIENTS) -> Round:
    latencies_ms: list[float] = []
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(
                grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)
            )
            for _ in range(clients)
        ]
        await asyncio.gather(*(channel.channel_ready() for channel in channels))
        began_s = time.perf_counter()
        repeated = (calls(channel, number) for number, channel in enumerate(channels))
        end_s = began_s + seconds
        await asyncio.gather(*(_client(call, end_s, latencies_ms) for call in repeated))
        # The last calls end later than the round should: a batch takes a while.
        passed_s = time.perf_counter() - began_s
    return Round(len(latencies_ms) / passed_s, tuple(latencies_ms))


async def _client(call: Call, end_s: float, latencies_ms: list[float]) -> None:
    began_s = time.perf_counter()
    while began_s < end_s:
        await call()
        now_s = time.perf_counter()
        latencies_ms.append((now_s - began_s) * 1000)
        began_s = now_s


def _empties(channel: grpc.aio.Channel, _number: int) -> Call:
    stub = ClusterServiceStub(channel)
    return lambda: stub.GetCluster(GetClusterRequest(), timeout=CALL_TIMEOUT_S)


def _submits(tokens: Sequence[str]) -> Calls:
    request_numbers = count(1)

    def submits(channel: grpc.aio.Channel, number: int) -> Call:
        stub = JobServiceStub(channel)
        metadata = (("authorization", f"Bearer {tokens[number]}"),)
        script = SCRIPT.format(user=number)

        def submit() -> Awaitable[object]:
            request_id = f"bench-{next(request_numbers)}"
            request = SubmitJobRequest(request_id=request_id, script=script)
            return stub.SubmitJob(request, timeout=CALL_TIMEOUT_S, metadata=metadata)

        return submit

    return submits


def _batches(tokens: Sequence[str]) -> Calls:
    request_numbers = count(1)

    def batches(channel: grpc.aio.Channel, number: int) -> Call:
        stub = JobServiceStub(channel)
        metadata = (("authorization", f"Bearer {tokens[number]}"),)
        script = SCRIPT.format(user=number)

        async def submit() -> None:
            ids = (f"batch-{next(request_numbers)}" for _ in range(BATCH_JOBS))
            requests = [SubmitJobRequest(request_id=id_, script=script) for id_ in ids]
            answer = await stub.BatchSubmitJobs(
                BatchSubmitJobsRequest(requests=requests), timeout=CALL_TIMEOUT_S, metadata=metadata
            )
            if not all(result.HasField("response") for result in answer.results):
                raise RuntimeError(f"a job was not taken: {answer.results[0]}")

        return submit

    return batches


def _batch_figure(rounds: list[Round]) -> Figure:
    rates = [BATCH_JOBS * measured.calls_per_s for measured in rounds]
    rate = median(rates)
    detail = (
        f"{BATCH_CLIENTS} clients with {BATCH_JOBS:,} jobs a call, median of {BATCH_ROUNDS} rounds "
        f"({min(rates):,.0f} to {max(rates):,.0f})"
    )
    holds = rate >= LEAST_BATCHED_JOBS_PER_S
    goal = f">= {LEAST_BATCHED_JOBS_PER_S:,}"
    return Figure("batch_submit_jobs_per_s", rate, "jobs/s", goal, holds, detail)


def _figures(empty: list[Round], submit: list[Round]) -> tuple[Figure, Figure]:
    ratios = [ours.calls_per_s / bare.calls_per_s for bare, ours in zip(empty, submit, strict=True)]
    ratio = median(ratios)
    p95_ms = median(measured.p95_ms for measured in submit)
    rates = [median(measured.calls_per_s for measured in rounds) for rounds in (submit, empty)]
    detail = (
        f"{rates[0]:,.0f} SubmitJob/s beside {rates[1]:,.0f} empty calls/s; median of {ROUNDS} "
        f"pairs of rounds ({min(ratios):.2f} to {max(ratios):.2f}), {CLIENTS} clients"
    )
    return (
        Figure("submit_throughput_ratio", ratio, "", ">= 0.50", ratio >= LEAST_RATIO, detail),
        Figure("submit_p95_ms", p95_ms, "ms", "< 50", p95_ms < GREATEST_P95_MS, detail),
    )


@contextmanager
def _child(*arguments: str) -> Iterator[list[str]]:
    """Run a server in a process of its own and give the words it says when it is ready."""
    command = (sys.executable, "-m", "loadtests.bench_servers", *arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline().split() if process.stdout else []
            if not said:
                raise RuntimeError(f"the {arguments[0]} server did not start")
            yield said
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
