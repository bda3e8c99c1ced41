"""How many outputs are read at once: each stream has a place, and keeps it while it is read for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock
from typing import Any

from scheduler.errors import TooManyStreams
from scheduler.identity import Caller
from scheduler.texts import said


class Place:
    """A stream's; `read` is the newest that was begun for it, under way or not."""

    read: Future[Any] | None = None


class OutputPlaces:
    """Gives out places, so many to each user and to all; from any thread."""

    def __init__(self, of_user: int, of_all: int) -> None:
        self._of_user = of_user
        self._of_all = of_all
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def place_for(self, caller: Caller) -> Iterator[Place]:
        """Hold a place for a stream. Raises TooManyStreams.

        A stream can be dropped at once, a read that hangs cannot: until that has ended, its thread
        is busy, and the place stays taken.
        """
        me = caller.full_name
        self._take(me)
        place = Place()
        try:
            yield place
        finally:
            if place.read is None:
                self._give_back(me)
            else:
                place.read.add_done_callback(lambda _: self._give_back(me))

    def _take(self, me: str) -> None:
        with self._lock:
            if self._taken[me] >= self._of_user:
                raise TooManyStreams(said("you"), self._of_user)
            if self._taken.total() >= self._of_all:
                raise TooManyStreams(said("all users together"), self._of_all)
            self._taken[me] += 1

    def _give_back(self, me: str) -> None:
        with self._lock:
            self._taken[me] -= 1
            self._taken += Counter()  # forgets those who read no more
