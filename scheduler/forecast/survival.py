"""Quantiles of what has happened and of what is still going on (Kaplan and Meier, 1958)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# A little: the next thing to be over would be the new longest.
BEYOND = 0.3


class Survival:
    """How long things last, some of which are known only to have lasted so long as yet.

    To leave these out would make believe that things are shorter than they are: what is still
    going on is what lasts.
    """

    def __init__(self, over: Iterable[float], going_on: Iterable[float] = ()) -> None:
        # Of equals, what is over comes first: what goes on lasts longer.
        observed = [(value, 0) for value in over] + [(value, 1) for value in going_on]
        self._observed = sorted(observed)
        self._steps = _steps(self._observed)

    def __len__(self) -> int:
        return len(self._observed)

    def quantile(self, level: float) -> float:
        """Return what so large a part stays within.

        Where not enough is over to say, it is beyond anything seen. There must be something.
        """
        within = (value for value, left in self._steps if left <= 1.0 - level + 1e-9)
        return next(within, self._observed[-1][0] + BEYOND)


def _steps(observed: Sequence[tuple[float, int]]) -> list[tuple[float, float]]:
    """Return each end with the part that lasts longer."""
    left, steps = 1.0, []
    for number, (value, goes_on) in enumerate(observed):
        if not goes_on:
            left *= 1.0 - 1.0 / (len(observed) - number)
            steps.append((value, left))
    return steps
