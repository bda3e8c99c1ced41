"""The explainer as the serving process sees it: bounded, begun on demand, and begun anew."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion
from scheduler.domain.explaining import Explanation, Question
from scheduler.errors import ExplainerUnavailable
from scheduler.explainer.desk import Desk
from scheduler.explainer.opening import Opening
from scheduler.explainer.pool import OneProcess
from scheduler.explainer.process import (
    account_in_room,
    answer_in_room,
    foresee_in_room,
    open_room,
)
from scheduler.ports import Clock, Store
from scheduler.texts import said

# Each takes up to a second of one processor; who comes later had better come again.
MOST_WAITING = 16
# One user's loop must leave places to others.
MOST_OF_USER = 4

Answer = Callable[[Question], Explanation | None]
Foresee = Callable[[PolicyQuestion], PolicyForecast]
Account = Callable[[AccountQuestion], Accounts]
Q = TypeVar("Q")
A = TypeVar("A")


class Explainer:
    """Fulfils `ports.Explainer`: one question at a time is answered, elsewhere than here.

    Nothing runs until the first question; what died over one is begun anew for the next.
    """

    def __init__(
        self, begun: Callable[[], Executor], answer: Answer, foresee: Foresee, account: Account
    ) -> None:
        self._begun = begun
        self._answer = answer
        self._foresee = foresee
        self._account = account
        self._executor: Executor | None = None
        self._waiting: Counter[str] = Counter()

    async def explain(self, question: Question, asker: str) -> Explanation | None:
        """Return the answer; None where no such job waits. Each asker has some of the places.

        Raises ExplainerUnavailable, StoreUnavailable.
        """
        return await self._in_turn(self._answer, question, asker)

    async def foresee(self, question: PolicyQuestion, asker: str) -> PolicyForecast:
        """Return what a policy would do. Raises as `explain` does."""
        return await self._in_turn(self._foresee, question, asker)

    async def account(self, question: AccountQuestion, asker: str) -> Accounts:
        """Return how an organisation's GPUs follow from the shares. Raises as `explain` does."""
        return await self._in_turn(self._account, question, asker)

    async def _in_turn(self, answer: Callable[[Q], A], question: Q, asker: str) -> A:
        if self._waiting[asker] >= MOST_OF_USER:
            raise ExplainerUnavailable(
                said("{most} of your questions wait already; ask in a moment", most=MOST_OF_USER)
            )
        if self._waiting.total() >= MOST_WAITING:
            raise ExplainerUnavailable(
                said("{most} questions wait already; ask in a moment", most=MOST_WAITING)
            )
        self._waiting[asker] += 1
        try:
            return await self._asked(answer, question)
        finally:
            self._waiting[asker] -= 1
            self._waiting += Counter()  # forgets those who ask nothing more

    async def _asked(self, answer: Callable[[Q], A], question: Q) -> A:
        executor = self._executor = self._executor or self._begun()
        try:
            return await asyncio.wrap_future(executor.submit(answer, question))
        except BrokenExecutor:
            if self._executor is executor:
                self._executor = None
            executor.shutdown(wait=False)
            raise ExplainerUnavailable(said("it took too long, or ended; ask again")) from None

    def close(self) -> None:
        """End what runs, a question under way with it; the next question begins it anew."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)


def explainer_in_process(opening: Opening) -> Explainer:
    """Return an explainer whose process nothing else shares: no request waits for what it does."""
    answers = answer_in_room, foresee_in_room, account_in_room
    return Explainer(lambda: OneProcess(open_room, (opening,)), *answers)


def explainer_in_thread(opening: Opening, store: Store, clock: Clock) -> Explainer:
    """Return an explainer beside the service, for a database that no other process sees."""

    @cache
    def desk() -> Desk:
        # Imported here because it loads the solver, which takes as long as a start.
        from scheduler.explainer.room import desk_of  # noqa: PLC0415

        return desk_of(opening, store, clock)

    def answer(question: Question) -> Explanation | None:
        return desk().answer(question)

    def foresee(question: PolicyQuestion) -> PolicyForecast:
        return desk().foresee(question)

    def account(question: AccountQuestion) -> Accounts:
        return desk().account(question)

    return Explainer(lambda: ThreadPoolExecutor(1, "explainer"), answer, foresee, account)
