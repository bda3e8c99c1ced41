"""What runs in the explainer's process: a pool knows only functions, so its room is kept here."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection, parent_process
from threading import Thread
from typing import TYPE_CHECKING

from scheduler.clock import SystemClock
from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion
from scheduler.domain.explaining import Explanation, Question
from scheduler.explainer.opening import Opening

if TYPE_CHECKING:
    from scheduler.explainer.desk import Desk

# Requests and the cycle go first: an explanation needs a processor for long.
NICENESS = 10
LONGEST_ANSWER_S, LONGEST_OPENING_S = 10, 60
_rooms: list[Desk] = []


def open_room(opening: Opening) -> None:
    """Prepare the process: it yields to others, and ends with the one that began it."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's ^C means our parent
    signal.setitimer(signal.ITIMER_REAL, LONGEST_OPENING_S)
    Thread(target=_end_with_parent, name="parent", daemon=True).start()
    # Imported here because the serving process, which names these functions, needs no solver.
    from scheduler.explainer.room import desk_of  # noqa: PLC0415
    from scheduler.store.sql import open_store  # noqa: PLC0415

    _rooms.append(desk_of(opening, open_store(opening.database_url), SystemClock()))
    signal.setitimer(signal.ITIMER_REAL, 0)


def answer_in_room(question: Question) -> Explanation | None:
    """Answer, or let the process end where that takes too long: another one is begun then."""
    with _in_time() as desk:
        return desk.answer(question)


def foresee_in_room(question: PolicyQuestion) -> PolicyForecast:
    """Foresee, or let the process end where that takes too long."""
    with _in_time() as desk:
        return desk.foresee(question)


def account_in_room(question: AccountQuestion) -> Accounts:
    """Work an account out, or let the process end where that takes too long."""
    with _in_time() as desk:
        return desk.account(question)


@contextmanager
def _in_time() -> Iterator[Desk]:
    [desk] = _rooms
    signal.setitimer(signal.ITIMER_REAL, LONGEST_ANSWER_S)
    try:
        yield desk
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)
