"""The most that may run at once, of tenants and of arrays, as the course of a queue keeps to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import Policy
from scheduler.domain.shares.quotas import quota_of
from scheduler.forecast.room import Seat, Shape

_Subject = tuple[tuple[str, ...], str]  # a tree path and a pool; any pool when empty


class Ceilings:
    """Counts what is held against the ceilings of classes, organisations, users and arrays."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._bounds: dict[tuple[tuple[str, ...], str], tuple[tuple[_Subject, int], ...]] = {}
        self._held: Counter[_Subject] = Counter()
        self._elements: Counter[int] = Counter()

    def allow(self, path: tuple[str, ...], shape: Shape) -> bool:
        """Say whether the user at the path may hold a gang of this shape on top."""
        bounds = self._of(path, shape.pool)
        return all(self._held[subject] + shape.gpus <= most for subject, most in bounds)

    def allow_element(self, array: ArrayPlace | None) -> bool:
        """Say whether one more element of the array may run; of no array, always."""
        return not (array and array.limit) or self._elements[array.array_id] < array.limit

    def count_elements(self, array: ArrayPlace | None, elements: int) -> None:
        """Count elements that run from now on, or with a negative number no longer."""
        if array:
            self._elements[array.array_id] += elements

    def count(self, path: tuple[str, ...], seat: Seat, gpus: int) -> None:
        """Count GPUs that are held from now on, or with a negative number no longer."""
        for subject, _ in self._of(path, seat.pool):
            self._held[subject] += gpus

    def _of(self, path: tuple[str, ...], pool: str) -> tuple[tuple[_Subject, int], ...]:
        key = (path, pool)
        if key not in self._bounds:
            self._bounds[key] = tuple(self._find(path, pool))
        return self._bounds[key]

    def _find(self, path: tuple[str, ...], pool: str) -> Iterator[tuple[_Subject, int]]:
        for depth in (1, 2):
            most = quota_of(self._policy, path[:depth]).ceiling.gpus(pool)
            if most is not None:
                yield (path[:depth], pool), most
        of_user = self._policy.limits_of_users(path[0]).max_held_gpus
        if of_user is not None:
            # Whatever the project: who submits under several has one limit.
            yield ((path[1], path[3]), ""), of_user
