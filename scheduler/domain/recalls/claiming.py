"""Who claims GPUs in which order, and what is recalled for each claim."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from heapq import heappop, heappush

from scheduler.domain.decisions import Recall
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.placement import Option, SuitedGroup
from scheduler.domain.recalls.giving import NOBODY, Givers, Giving, gpu_seconds
from scheduler.domain.recalls.owing import CLASS, ORGANISATION, Books, Claim, Holdings, Turn
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

# A search for givers takes milliseconds where the cluster is large, so a cycle makes only so many.
# Where an organisation waits with more shapes, cycles take them by turns.
MOST_SEARCHES = 48
MOST_SHAPES = 3


@dataclass(frozen=True, slots=True)
class Proposed:
    """Recalls, the organisation that each is for, and the GPUs that organisations would start.

    `lowered` has for each job that is recalled the tenants that hold less for it.
    """

    recalls: tuple[Recall, ...] = ()
    claimants: Mapping[int, Subject] = field(default_factory=dict)
    gpus: Mapping[Subject, int] = field(default_factory=dict)
    lowered: Mapping[int, tuple[Subject, ...]] = field(default_factory=dict)

    def confirmed_by(self, started: Mapping[Subject, int]) -> Proposed:
        """Return the recalls for organisations that start as much as they would.

        Who gave and then claimed stood lower for it: where it keeps its own, it claims nothing.
        """
        served = {path for path, gpus in self.gpus.items() if started.get(path, 0) >= gpus}
        kept = tuple(one for one in self.recalls if self.claimants[one.for_job] in served)
        left = {
            path for one in self.recalls if one not in kept for path in self.lowered[one.job_id]
        }
        if still := {path for path in served if path in left or path[:CLASS] in left}:
            return self.confirmed_by({path: n for path, n in started.items() if path not in still})
        return replace(self, recalls=kept)

    def of_the_first(self) -> Proposed:
        """Return the recalls for the organisation that comes first alone."""
        first = [self.claimants[one.for_job] for one in self.recalls[:1]]
        kept = tuple(one for one in self.recalls if self.claimants[one.for_job] in first)
        return replace(self, recalls=kept)


class Waiting:
    """A group that waits for one of its options, its oldest job first."""

    def __init__(self, group: SuitedGroup, option: Option, started: set[int]) -> None:
        self.path = group.tenant.path(ORGANISATION)
        self.option = option
        self._jobs = deque(job for job in group.jobs if job.job_id not in started)

    def oldest(self, books: Books) -> PendingJob | None:
        """Return the oldest job that the books do not serve yet."""
        while self._jobs and self._jobs[0].job_id in books.holding:
            self._jobs.popleft()
        return self._jobs[0] if self._jobs else None


def waiting_in(groups: Iterable[SuitedGroup], started: set[int]) -> Iterator[Waiting]:
    for group in groups:
        for option in group.options:
            if option.is_up:
                yield Waiting(group, option, started)


class Round:
    """One cycle's recalls, claim by claim, in the order in which claims would be admitted."""

    def __init__(self, books: Books, giving: Giving, waiting: Iterable[Waiting]) -> None:
        self._books = books
        self._giving = giving
        self._in_pool: dict[str, list[Waiting]] = {}
        self._open: dict[Subject, deque[Waiting]] = {}
        for one in waiting:
            self._in_pool.setdefault(one.option.pool, []).append(one)
            self._open.setdefault(one.path, deque()).append(one)
        for shapes in self._open.values():
            if len(shapes) > MOST_SHAPES and not books.by_shares:
                shapes.rotate(-books.snapshot.cycle * MOST_SHAPES)
        self._searches: Counter[Subject] = Counter()
        self._claimants: dict[int, Subject] = {}
        self._gpus: Counter[Subject] = Counter()
        self._lowered: dict[int, tuple[Subject, ...]] = {}

    def proposed(self) -> Proposed:
        return Proposed(tuple(self._recalls()), self._claimants, self._gpus, self._lowered)

    def _recalls(self) -> Iterator[Recall]:
        """Serve each claim from the room there will be, else from what recalls bring back."""
        for claim in self._overdue():
            nodes = self._giving.nodes_for(claim)
            if nodes is not None and self._books.allows(claim, ()):
                self._serve(claim, nodes, NOBODY)
            elif nodes is None:
                yield from self._searched(claim)
        claims: list[tuple[Turn, Claim]] = []
        for path in self._open:
            self._push_first_of(path, claims)
        while claims and self._searches.total() < MOST_SEARCHES:
            _, claim = heappop(claims)
            own, nodes = claim.own(ORGANISATION), self._giving.nodes_for(claim)
            if nodes is not None and self._books.allows(claim, ()):
                self._serve(claim, nodes, NOBODY)
            elif nodes is not None or not self._giving.lenders(claim):
                self._drop(claim, in_pool=nodes is None)
            else:
                self._searches[own] += 1
                yield from self._searched(claim)
            if self._searches[own] < MOST_SHAPES:
                self._push_first_of(own, claims)

    def _overdue(self) -> Iterator[Claim]:
        """Yield, where recall goes by shares, claims of due jobs that only have a planned start."""
        if not (self._books.by_shares and self._giving.plans):
            return
        snapshot = self._books.snapshot
        latest = snapshot.taken_at - timedelta(seconds=snapshot.policy.wait.guard_s)
        planned = {(plan.job_id, plan.placement.pool) for plan in self._giving.plans}
        for one in [one for shapes in self._open.values() for one in shapes]:
            job = one.oldest(self._books)
            if job is None or (job.job_id, one.option.pool) not in planned:
                continue
            if job.submitted_at <= latest and not is_just_back(job, snapshot):
                yield Claim(job, one.option, one.path, is_overdue=True)

    def _searched(self, claim: Claim) -> Iterator[Recall]:
        """Recall for the claim, or let it go where that is not right or brings no room."""
        givers = self._giving.givers(claim)
        nodes = self._giving.nodes_for(claim, givers)
        if givers and nodes and self._is_right(claim, givers):
            yield from self._recalled(claim, givers)
            self._serve(claim, nodes, givers)
        else:
            self._drop(claim)

    def _is_right(self, claim: Claim, givers: Givers) -> bool:
        """Say whether the gang may start there, is preferred by the law, and is next in line."""
        return self._books.allows(claim, givers.values()) and (
            claim.is_overdue
            or (improves(self._books.now, claim, givers) and not any(self._before(claim, givers)))
        )

    def _before(self, claim: Claim, givers: Givers) -> Iterator[Claim]:
        """Yield others' gangs that would be admitted first, and fit where the claimant's would."""
        soon, own = self._books.soon, claim.own(ORGANISATION)
        turn, fits = soon.turn(claim.job), dict[Option, bool]()
        for one in self._in_pool[claim.pool]:
            job = one.oldest(self._books) if one.path != own else None
            if job is None or soon.turn(job) >= turn:
                continue
            other = Claim(job, one.option, one.path)
            if one.option not in fits:
                before, after = (self._giving.nodes_for(other, gone) for gone in (NOBODY, givers))
                fits[one.option] = after is not None and before is None
            if fits[one.option] and self._books.allows(other, givers.values()):
                yield other

    def _push_first_of(self, path: Subject, claims: list[tuple[Turn, Claim]]) -> None:
        """Add the organisation's next claim, if it has one: what is owed never grows in a round."""
        open_ones = self._open[path]
        while open_ones:
            job = open_ones[0].oldest(self._books)
            claim = job and self._claim(job, open_ones[0].option)
            if claim:
                heappush(claims, (self._books.soon.turn(claim.job), claim))
                return
            open_ones.popleft()

    def _claim(self, job: PendingJob, option: Option) -> Claim | None:
        """Return what the job may claim, where its organisation holds less than is due to it.

        Where the gang is more than that, its class may be owed as much. By shares any job may
        claim, but for one that a recall has just put back.
        """
        pool, held = option.pool, self._books.soon.gpus
        own = job.tenant.path(ORGANISATION)
        if self._books.by_shares:
            return None if is_just_back(job, self._books.snapshot) else Claim(job, option, own)
        if held[own, pool] >= self._books.due(own, pool):
            return None
        for path in (own, job.tenant.path(CLASS)):
            if held[path, pool] + option.gang.gpus <= self._books.due(path, pool):
                return Claim(job, option, path)
        return None

    def _serve(self, claim: Claim, nodes: tuple[str, ...], givers: Givers) -> None:
        for giver in givers.values():
            self._books.leave(giver)
        self._books.start(claim, nodes, by_recall=bool(givers))
        self._claimants[claim.job.job_id] = claim.own(ORGANISATION)
        self._gpus[claim.own(ORGANISATION)] += claim.gpus

    def _drop(self, claim: Claim, *, in_pool: bool = False) -> None:
        """Let go of whatever else the organisation has that would fail in the same way."""
        path, option = claim.own(ORGANISATION), claim.option
        self._open[path] = deque(
            one
            for one in self._open[path]
            if one.option.pool != option.pool or not (in_pool or _is_as_hard(one.option, option))
        )

    def _recalled(self, claim: Claim, givers: Givers) -> Iterator[Recall]:
        for giver in givers.values():
            text = self._because(claim, giver)
            lost = gpu_seconds(giver, self._books.snapshot.taken_at)
            self._lowered[giver.job_id] = _lowered(giver.tenant, claim)
            yield Recall(giver.job_id, claim.path, text, claim.job.job_id, lost)

    def _because(self, claim: Claim, giver: HoldingJob) -> str:
        """Say in words why the giver gives."""
        now, pool, lender = self._books.now, claim.pool, giver.tenant.path(ORGANISATION)
        if claim.is_overdue:
            return f"job {claim.job.job_id} of {claim.path[-1]} has waited longer than the guard"
        if self._books.by_shares:
            mine, theirs = (float(now.share(path)) for path in (claim.path, lender))
            return f"{claim.path[-1]} has a share of {mine:.1f}, {lender[-1]} one of {theirs:.1f}"
        due, over = self._books.due(claim.path, pool), now.gpus[lender, pool]
        owed = f"{claim.path[-1]} holds {now.gpus[claim.path, pool]} of {due} GPUs due to it"
        over -= self._books.due(lender, pool)
        return f"{owed} in {pool}; {lender[-1]} holds {over} more than are due to it"


def improves(holdings: Holdings, claim: Claim, givers: Givers) -> bool:
    """Say whether the law prefers the world with the claimant's gang in the givers' place.

    Its order: fewer GPUs of floors lacking; then the lowest corrected share as high as can be, then
    the next lowest: of classes where GPUs change their class, and of organisations.
    """
    pool, change = claim.pool, _changes(claim, givers)
    lacked = sum(holdings.lacks(path, pool) for path in change)
    lacks = sum(holdings.lacks(path, pool, gpus) for path, gpus in change.items())
    if lacks != lacked:
        return lacks < lacked
    crosses = any(giver.tenant.path(CLASS) != claim.own(CLASS) for giver in givers.values())
    for depth in (CLASS, ORGANISATION) if crosses else (ORGANISATION,):
        paths = [path for path in change if len(path) == depth]
        before = sorted(holdings.share(path) for path in paths)
        after = sorted(holdings.share(path, pool, change[path]) for path in paths)
        if before != after:
            return after > before
    return False


def is_just_back(job: PendingJob, snapshot: Snapshot) -> bool:
    """Say whether a recall put the job back less than a minimum runtime ago."""
    if job.recalled_at is None:
        return False
    waited_s = (snapshot.taken_at - job.recalled_at).total_seconds()
    return waited_s < max(1, snapshot.policy.recall.min_runtime_s)


def _changes(claim: Claim, givers: Givers) -> Counter[Subject]:
    change: Counter[Subject] = Counter()
    for depth in (CLASS, ORGANISATION):
        change[claim.own(depth)] += claim.gpus
        for giver in givers.values():
            change[giver.tenant.path(depth)] -= giver.placement.gang.gpus
    return change


def _is_as_hard(option: Option, failed: Option) -> bool:
    """Say whether the option has no more nodes to choose from, and asks for no less of them."""
    gang, other = option.gang, failed.gang
    part, others_part = gang.per_node, other.per_node
    return option is failed or (
        option.nodes == failed.nodes
        and gang.nodes >= other.nodes
        and others_part.times_fits_in(part) > 0
    )


def _lowered(giver: Tenant, claim: Claim) -> tuple[Subject, ...]:
    """Return who holds less once the giver has given: its class as well, for a claim of another."""
    crosses = giver.path(CLASS) != claim.own(CLASS)
    return (giver.path(ORGANISATION), *((giver.path(CLASS),) if crosses else ()))
