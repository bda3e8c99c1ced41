"""A process of its own for one thing at a time, which ends when nobody needs it any more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

# What a signal has not ended by then is killed.
ENDS_WITHIN_S = 2.0


class _Spawning(SpawnContext):
    """Spawns processes and remembers them; a fork would copy gRPC's threads as they work."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802  # a class there, made by a call as well
        process = SpawnProcess(*args, **kwargs)
        self.begun.append(process)
        return process


class OneProcess(ProcessPoolExecutor):
    """A pool of one process; a shutdown that does not wait ends it, whatever it is doing."""

    def __init__(
        self, initializer: Callable[..., None] | None = None, initargs: tuple[Any, ...] = ()
    ) -> None:
        self._spawning = _Spawning()
        super().__init__(1, self._spawning, initializer=initializer, initargs=initargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait, cancel_futures=cancel_futures)
        if not wait:
            for process in self._spawning.begun:
                _end(process)


def _end(process: SpawnProcess) -> None:
    process.terminate()
    process.join(ENDS_WITHIN_S)
    if process.is_alive():
        process.kill()
        process.join(ENDS_WITHIN_S)
