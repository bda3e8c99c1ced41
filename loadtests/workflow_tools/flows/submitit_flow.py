"""submitit: a job and an array, whose results are read back."""

from __future__ import annotations

import submitit  # type: ignore[import-not-found]  # lives in the tools' own environment


def add(one: int, other: int) -> int:
    return one + other


def square(number: int) -> int:
    return number * number


def main() -> None:
    executor = submitit.AutoExecutor(folder="submitit-%j", cluster="slurm")
    executor.update_parameters(timeout_min=10, gpus_per_node=1, cpus_per_task=1, mem_gb=1)
    job = executor.submit(add, 5, 7)
    elements = executor.map_array(square, range(3))
    found = [job.result(), *(element.result() for element in elements)]
    if found != [12, 0, 1, 4]:
        raise SystemExit(f"submitit gave {found}")


if __name__ == "__main__":
    main()
