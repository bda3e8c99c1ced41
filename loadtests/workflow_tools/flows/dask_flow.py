"""dask-jobqueue: two workers, a sum, and the end of both."""

from __future__ import annotations

from dask_jobqueue import SLURMCluster  # type: ignore[import-not-found]  # the tools' environment
from distributed import Client  # type: ignore[import-not-found]  # lives there, too

WORKERS = 2
PATIENCE_S = 180


def square(number: int) -> int:
    return number * number


def main() -> None:
    cluster = SLURMCluster(
        cores=1, memory="1GB", walltime="00:10:00", job_extra_directives=["--gres=gpu:1"]
    )
    with cluster, Client(cluster) as client:
        cluster.scale(jobs=WORKERS)
        client.wait_for_workers(WORKERS, timeout=PATIENCE_S)
        total = client.submit(sum, client.map(square, range(10))).result(timeout=PATIENCE_S)
    if total != 285:
        raise SystemExit(f"dask gave {total}")


if __name__ == "__main__":
    main()
