"""Runs one question for many seeds, in as many processes as there are cores, and shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from os import cpu_count
from typing import TypeVar

import structlog
from rich.progress import track

S = TypeVar("S")
T = TypeVar("T")


def of_all(
    ask: Callable[[S], T], seeds: Iterable[S], title: str, processes: int | None = None
) -> Sequence[T]:
    """Return the answers in the order of the seeds, whatever the number of processes."""
    with ProcessPoolExecutor(
        processes or cpu_count(), mp_context=get_context("spawn"), initializer=quiet
    ) as pool:
        asked = [pool.submit(ask, seed) for seed in seeds]
        for _ in track(as_completed(asked), title, total=len(asked)):
            pass
        return [one.result() for one in asked]


def quiet() -> None:
    """Leave out the engine's line for each start: a replay has millions."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
