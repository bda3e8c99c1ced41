"""The order of shares (P3, P6), restated as exchanges that nobody should be able to name.

Corrected shares are in thousandths of a normalised GPU, as published: held GPUs times the pool's
rate, plus usage, over the share. Only this cycle's starts can be undone in an exchange.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from scheduler.domain.audit.floors import lacked_a_floor, served_a_floor
from scheduler.domain.audit.gangs import Place
from scheduler.domain.audit.planned import is_due
from scheduler.domain.audit.waiting import fits
from scheduler.domain.audit.world import End, Path, Started
from scheduler.domain.decisions import SolverStatus
from scheduler.domain.queue import JobGroup

PER_GPU = 1000
# Rounding of rates and usage to thousandths may shift a share by so much.
NEARLY = 2
LEVELS = (1, 2, 3, 4)
# Of classes and organisations all sorted shares are best; of projects and users each in its turn.
EXACT_LEVELS = 2


@dataclass(frozen=True, slots=True)
class Want:
    """A gang that waits and a pool for it; `weight` is its size in thousandths there."""

    group: JobGroup
    place: Place
    weight: int


class Standing:
    """Who stands where after the cycle, who started what, and who still waits for what."""

    def __init__(self, end: End) -> None:
        self.end = end
        snapshot = end.snapshot
        self._rates = {
            pool.name: round(snapshot.policy.rate(pool.gpu_type) * PER_GPU)
            for pool in snapshot.pools
        }
        self.amount: Counter[Path] = Counter()
        for path, gpus in snapshot.mean_gpus.items():
            usage = Fraction(gpus) * snapshot.policy.usage_weight
            self.amount[path] += round(usage * PER_GPU)
        held = [(job.tenant, job.placement) for job in snapshot.holding]
        held += [(job.tenant, placement) for job, placement in end.started]
        for tenant, placement in held:
            for depth in LEVELS:
                self.amount[tenant.path(depth)] += self.weight(placement.pool, placement.gang.gpus)

    def weight(self, pool: str, gpus: int) -> int:
        return gpus * self._rates.get(pool, PER_GPU)

    def of_start(self, one: Started) -> int:
        return self.weight(one[1].pool, one[1].gang.gpus)

    def share(self, path: Path, more: int = 0) -> float:
        """Return the corrected share with so much more held, or less."""
        weight = self.end.world.quota(path).share if len(path) <= 2 else 1
        return (self.amount[path] + more) / weight

    @cached_property
    def starts(self) -> dict[Path, list[Started]]:
        found: dict[Path, list[Started]] = {}
        for one in self.end.started:
            for depth in LEVELS:
                found.setdefault(one[0].tenant.path(depth), []).append(one)
        return found

    @cached_property
    def wants(self) -> dict[Path, list[Want]]:
        found: dict[Path, list[Want]] = {}
        for group in self.end.snapshot.queue:
            if not self.end.waiting(group):
                continue
            for place in self.end.world.places_of(group).values():
                if place.is_up:
                    want = Want(group, place, self.weight(place.pool, place.gang.gpus))
                    for depth in LEVELS:
                        found.setdefault(group.tenant.path(depth), []).append(want)
        return found

    def siblings(self) -> Iterator[tuple[Path, Path]]:
        """Yield who waits and who of its siblings started something, wherever that one leads."""
        waiting: dict[Path, list[Path]] = {}
        for path in self.wants:
            waiting.setdefault(path[:-1], []).append(path)
        for other in self.starts:
            ahead = self.share(other)
            for path in waiting.get(other[:-1], ()):
                if path != other and self.share(path) + NEARLY < ahead:
                    yield path, other

    def came_by_shares(self, path: Path) -> bool:
        """Say whether only shares decided about this tenant's starts: no floor, no long wait."""
        end, first = self.end, path[:1]
        if any(served_a_floor(end, one[0].tenant.path(2)) for one in self.starts[path]):
            return False
        members = end.world.members.get(path[0], ()) if path == first else ()
        if any(lacked_a_floor(end, (path[0], name)) for name in members):
            return False
        return not any(self._was_due(one) for one in self.starts[path])

    def _was_due(self, one: Started) -> bool:
        """Say whether a start came before the shares because of how long the job waited."""
        planned = any(plan.job_id == one[0].job_id for plan in self.end.snapshot.plans)
        return planned or is_due(self.end, *one)

    @cached_property
    def alone(self) -> frozenset[Path]:
        """Return the parents below the top where nothing above them is shared with others.

        With one class alone in the queue, its total is nobody's concern.
        """
        classes = {group.tenant.path(1) for group in self.end.snapshot.queue}
        return frozenset(classes) if len(classes) == 1 else frozenset()

    def may_shrink(self, parent: Path) -> bool:
        """Say whether less for the parent in all would matter to nobody above it."""
        return parent == () or parent in self.alone


def nobody_envies_a_sibling(end: End) -> Iterator[str]:
    """Nobody prefers what a sibling started, once that one's largest gang is left out (P3).

    Envy is judged where it could be helped: a gang of i that waits would fit in the place of
    each single gang that j started in this cycle, and is as large as one of them or nobody else
    above has a claim. Then the share of j less its largest gang is no higher than the share of i.
    """
    standing = Standing(end)
    undone: dict[int, End] = {}
    for path, other in standing.siblings():
        starts = standing.starts[other]
        weights = [standing.of_start(one) for one in starts]
        if standing.share(other, -max(weights)) <= standing.share(path) + NEARLY:
            continue
        if not standing.came_by_shares(other):
            continue
        for want in standing.wants[path]:
            enough = want.weight >= min(weights) or standing.may_shrink(other[:-1])
            if enough and _fits_in_place_of_each(end, want, starts, undone):
                yield _in_words(standing, want, path, other)
                break


def _fits_in_place_of_each(
    end: End, want: Want, starts: Sequence[Started], undone: dict[int, End]
) -> bool:
    for job, _ in starts:
        if job.job_id not in undone:
            undone[job.job_id] = end.without([job.job_id])
        if not fits(undone[job.job_id], want.group, want.place):
            return False
    return True


def no_exchange_is_better(end: End) -> Iterator[str]:
    """No gangs that a tenant started could give way to a sibling's for better shares (P6).

    Only where the allocation claims to be the best. For each gang that waits and each sibling
    ahead, the cheapest of the sibling's starts that make room are undone. It is a flaw when both
    shares, sorted, are then higher in the order of leximin, the parent gets no less (where that
    matters to others), and no floor or long wait was served.
    """
    standing = Standing(end)
    for path, other in standing.siblings() if end.allocation.status is SolverStatus.OPTIMAL else ():
        if not standing.came_by_shares(other):
            continue
        for want in standing.wants[path]:
            undone = _cheapest_to_undo(standing, want, standing.starts[other])
            if undone and _is_better(standing, want, (path, other), undone):
                yield _in_words(standing, want, path, other)
                break


def _cheapest_to_undo(
    standing: Standing, want: Want, starts: Sequence[Started]
) -> tuple[Started, ...]:
    """Return starts that leave room for the gang when undone, few and small; empty: none do."""
    by_node: list[tuple[int, list[Started]]] = []
    for node in want.place.nodes:
        gone = _to_clear(standing, want, node.name, starts)
        if gone is not None:
            by_node.append((sum(map(standing.of_start, gone)), gone))
    by_node.sort(key=lambda found: found[0])
    if len(by_node) < want.place.gang.nodes:
        return ()
    chosen = [one for _, gone in by_node[: want.place.gang.nodes] for one in gone]
    return tuple({one[0].job_id: one for one in chosen}.values())


def _to_clear(
    standing: Standing, want: Want, name: str, starts: Sequence[Started]
) -> list[Started] | None:
    """Return the starts to undo on one node, the smallest first; None when all are not enough."""
    end, part = standing.end, want.place.gang.per_node
    gpus, cpus, mib = end.room(end.world.nodes[name])
    gone: list[Started] = []
    here = sorted((s for s in starts if name in s[1].nodes), key=standing.of_start)
    for one in [None, *here]:
        if one is not None:
            freed = one[1].gang.per_node
            gpus, cpus, mib = gpus + freed.gpus, cpus + freed.cpus, mib + freed.memory_mib
            gone.append(one)
        if part.gpus <= gpus and part.cpus <= cpus and part.memory_mib <= mib:
            return gone
    return None


def _is_better(
    standing: Standing, want: Want, pair: tuple[Path, Path], undone: Sequence[Started]
) -> bool:
    path, other = pair
    freed = sum(map(standing.of_start, undone))
    if want.weight < freed and not standing.may_shrink(path[:-1]):
        return False
    now = sorted([standing.share(path), standing.share(other)])
    then = sorted([standing.share(path, want.weight), standing.share(other, -freed)])
    higher = then[0] > now[0] + NEARLY
    if len(path) <= EXACT_LEVELS:
        higher |= then[0] == now[0] and then[1] > now[1] + NEARLY
    return higher and fits(
        standing.end.without([one[0].job_id for one in undone]), want.group, want.place
    )


def _in_words(standing: Standing, want: Want, path: Path, other: Path) -> str:
    job_id = standing.end.waiting(want.group)[0].job_id
    shares = [f"{standing.share(one) / PER_GPU:.3f}" for one in (path, other)]
    return (
        f"job {job_id} of {'/'.join(path)} at {shares[0]} waits for {want.place.pool}, where"
        f" {'/'.join(other)} at {shares[1]} started gangs that could have waited"
    )
