"""Parsl: a block of workers that the Slurm provider starts, and apps that run there."""

from __future__ import annotations

import parsl  # type: ignore[import-not-found]  # lives in the tools' own environment
from parsl.config import Config  # type: ignore[import-not-found]  # see above
from parsl.executors import HighThroughputExecutor  # type: ignore[import-not-found]  # see above
from parsl.launchers import SrunLauncher  # type: ignore[import-not-found]  # see above
from parsl.providers import SlurmProvider  # type: ignore[import-not-found]  # see above


@parsl.python_app  # type: ignore[untyped-decorator]  # parsl has no types here
def square(number: int) -> int:
    return number * number


def main() -> None:
    provider = SlurmProvider(
        gpus_per_node=1,
        exclusive=False,
        walltime="00:10:00",
        init_blocks=1,
        max_blocks=1,
        launcher=SrunLauncher(),
    )
    executor = HighThroughputExecutor(
        address="127.0.0.1", max_workers_per_node=2, provider=provider
    )
    with parsl.load(Config(executors=[executor])):
        found = [future.result() for future in [square(number) for number in range(4)]]
    if found != [0, 1, 4, 9]:
        raise SystemExit(f"parsl gave {found}")


if __name__ == "__main__":
    main()
