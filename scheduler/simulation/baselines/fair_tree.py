"""Slurm's Fair Tree, from its public documentation: ranks of users by decayed usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scheduler.simulation.baselines.machine import Running

User = tuple[str, str]  # organisation, user


class DecayedUsage:
    """Each user's GPU-seconds, decayed by the half-life, running jobs up to the last update."""

    def __init__(self, half_life_s: float) -> None:
        if half_life_s <= 0:
            raise ValueError(f"a half-life must be positive: {half_life_s}")
        self._half_life_s = half_life_s
        self._updated_s = 0.0
        self.gpu_seconds: dict[User, float] = defaultdict(float)

    def charge_end(self, run: Running, now_s: float) -> None:
        """Charge what an ended run used since the last update."""
        self._charge(run, now_s)

    def update(self, running: Iterable[Running], now_s: float) -> None:
        """Decay what was, and charge what the running jobs used since the last update."""
        decay = 2 ** (-(now_s - self._updated_s) / self._half_life_s)
        for user in self.gpu_seconds:
            self.gpu_seconds[user] *= decay
        for run in running:
            self._charge(run, now_s)
        self._updated_s = now_s

    def _charge(self, run: Running, now_s: float) -> None:
        used_s = now_s - max(run.start_s, self._updated_s)
        self.gpu_seconds[run.job.organisation, run.job.user] += run.job.gpus * used_s


class FairTree:
    """Slurm's ranking of users at one moment (slurm.schedmd.com/fair_tree.html).

    The tree is walked from the root, at each level in the order of Level FS = share ÷ usage among
    siblings, where nothing used comes first. A user's factor is its rank ÷ the number of users, 1
    for the first; users that tie have the same rank, and organisations that tie are walked as
    one. Users of an organisation have equal shares; an organisation's is 1 when not named.
    """

    def __init__(
        self,
        members: Mapping[str, Sequence[User]],
        usage: Mapping[User, float],
        shares: Mapping[str, float],
    ) -> None:
        self._members = members
        self._usage = dict(usage)
        self._used = dict.fromkeys(members, 0.0)
        for (name, _), gpu_seconds in usage.items():
            self._used[name] += gpu_seconds
        # Usage ÷ share, the inverse of Level FS: less is better.
        self._levels = {name: used / shares.get(name, 1.0) for name, used in self._used.items()}
        self._ahead = self._users_ahead()
        self._users = sum(map(len, members.values()))
        self._factors: dict[User, float] = {}

    def factor(self, user: User) -> float:
        """Return the fair-share factor, above 0 and at most 1."""
        if user not in self._factors:
            ahead = self._ahead[self._levels[user[0]]] + self._siblings_ahead(user)
            self._factors[user] = 1 - ahead / self._users
        return self._factors[user]

    def _users_ahead(self) -> Mapping[float, int]:
        """Return by level how many users belong to organisations of better levels."""
        ahead: dict[float, int] = {}
        users = 0
        for name in sorted(self._levels, key=self._levels.__getitem__):
            ahead.setdefault(self._levels[name], users)
            users += len(self._members[name])
        return ahead

    def _siblings_ahead(self, user: User) -> int:
        """Return how many users of the organisation, or of one that ties with it, are before."""
        own = self._user_level(user)
        if not own:
            return 0
        level = self._levels[user[0]]
        tied = (name for name, other in self._levels.items() if other == level)
        siblings = (sibling for name in tied for sibling in self._members[name])
        return sum(self._user_level(sibling) < own for sibling in siblings)

    def _user_level(self, user: User) -> float:
        used = self._used[user[0]]
        share = 1 / len(self._members[user[0]])
        return self._usage.get(user, 0.0) / used / share if used else 0.0
