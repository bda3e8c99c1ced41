"""Where one waiting job stands in the line: the cycle at its turn, and who goes before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from scheduler.allocator.filling import fill_before
from scheduler.allocator.plans import serve_due
from scheduler.allocator.shapes import Problem, Progress
from scheduler.allocator.turns import Turns
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.explaining import Ahead, Precedence
from scheduler.domain.jobs import PendingJob
from scheduler.domain.placement import Option, SuitedGroup

# Who stands behind so many need not know how many more there are.
MOST_COUNTED = 2000
BY_SHARE = (
    Precedence.CLASS_SHARE,
    Precedence.ORGANISATION_SHARE,
    Precedence.PROJECT_SHARE,
    Precedence.USER_SHARE,
)
Served = tuple[Precedence, str, int]  # by which rule, which organisation's, how many GPUs


@dataclass(frozen=True, slots=True)
class Apart:
    """The same cycle with one job as a group of its own, whose number it is."""

    problem: Problem
    number: int

    @property
    def group(self) -> SuitedGroup:
        return self.problem.groups[self.number]


def set_apart(problem: Problem, number: int, job_id: int) -> Apart:
    """Return the problem in which this job of the group of that number is a group of its own."""
    group = problem.groups[number]
    alone = _only(group, (job for job in group.jobs if job.job_id == job_id))
    rest = _only(group, (job for job in group.jobs if job.job_id != job_id))
    others = (*problem.groups[:number], *problem.groups[number + 1 :])
    groups = [one for one in (alone, rest, *others) if one.jobs]
    groups.sort(key=lambda group: group.group.oldest)
    snapshot = replace(problem.snapshot, queue=tuple(group.group for group in groups))
    place = next(place for place, group in enumerate(groups) if group is alone)
    return Apart(replace(problem, snapshot=snapshot, groups=tuple(groups)), place)


def _only(group: SuitedGroup, jobs: Iterable[PendingJob]) -> SuitedGroup:
    return replace(group, group=replace(group.group, jobs=tuple(jobs)))


def at_turn_of(apart: Apart) -> Progress:
    """Return the cycle as it stands when the job's turn comes, were the GPUs filled by shares."""
    progress = Progress(apart.problem)
    serve_due(progress)
    fill_before(progress, apart.number)
    return progress


def ahead_of(apart: Apart, end: Progress) -> tuple[tuple[Ahead, ...], bool]:
    """Return who goes before the job as the cycle ends, and whether there are yet more.

    They are served on paper, as if GPUs in the job's pools came free one gang after the other.
    """
    jobs: Counter[tuple[Precedence, str]] = Counter()
    gpus: Counter[tuple[Precedence, str]] = Counter()
    line = _Line(apart, end)
    for precedence, organisation, count in line.before():
        jobs[precedence, organisation] += 1
        gpus[precedence, organisation] += count
    told = (Ahead(*key, count, gpus[key]) for key, count in jobs.items())
    return tuple(sorted(told, key=lambda ahead: -ahead.jobs)), jobs.total() >= MOST_COUNTED


class _Line:
    """Serves on paper whoever could use one of the job's pools, in turn, until the job itself."""

    def __init__(self, apart: Apart, end: Progress) -> None:
        self._apart = apart
        self._pools = {option.pool for option in apart.group.options}
        self._paper = _as_ended(apart.problem, end)
        self._plans = end.timeline.plans

    def before(self) -> Iterator[Served]:
        """Yield those before the job, at most so many as are counted.

        Who has a planned start waits for those planned before, and for no share.
        """
        [job] = self._apart.group.jobs
        own = next((n for n, plan in enumerate(self._plans) if plan.job_id == job.job_id), None)
        planned = self._planned(self._plans[:own])
        yield from islice(
            chain(planned, self._in_turn() if own is None else ()),
            MOST_COUNTED,
        )

    def _planned(self, plans: Iterable[PlannedStart]) -> Iterable[Served]:
        groups = self._apart.problem.groups
        by_oldest = {group.jobs[0].job_id: number for number, group in enumerate(groups)}
        for plan in plans:
            number = by_oldest.get(plan.job_id, self._apart.number)
            if plan.placement.pool in self._pools and number != self._apart.number:
                option = self._allowed(number)
                if option is not None:
                    yield self._serve(number, option, Precedence.PLANNED_START)

    def _in_turn(self) -> Iterable[Served]:
        paper, own = self._paper, self._apart.number
        turns = Turns(paper, self._rivals(), paper.own_order)
        while (number := turns.next()) not in (None, own):
            option = self._allowed(number)
            if option is None:
                turns.drop()
                continue
            yield self._serve(number, option, self._precedence(turns, number))
            turns.started(number)

    def _rivals(self) -> Iterator[int]:
        for number, group in enumerate(self._apart.problem.groups):
            uses = any(option.pool in self._pools for option in group.options)
            if number == self._apart.number or (uses and self._paper.waiting(number)):
                yield number

    def _allowed(self, number: int) -> Option | None:
        """Return where the group's next job would be served; None where a limit forbids it."""
        for option in self._apart.problem.groups[number].options:
            if option.pool in self._pools and self._paper.within_limits(number, option):
                return option
        return None

    def _serve(self, number: int, option: Option, precedence: Precedence) -> Served:
        self._paper.serve_on_paper(number, option)
        tenant = self._apart.problem.groups[number].tenant
        return precedence, tenant.organisation, option.gang.gpus

    def _precedence(self, turns: Turns, number: int) -> Precedence:
        """Return the rule by which the group's turn comes before the job's."""
        groups, standings = self._apart.problem.groups, self._paper.standings
        theirs, own = groups[number].tenant.path(4), self._apart.group.tenant.path(4)
        if theirs == own:
            return Precedence.OWN_ORDER
        depth = next(d for d in range(1, 5) if theirs[:d] != own[:d])
        if turns.is_below_floor(theirs[:depth]) and not turns.is_below_floor(own[:depth]):
            return Precedence.FLOOR
        is_lower = standings.order(theirs[:depth]) < standings.order(own[:depth])
        return BY_SHARE[depth - 1] if is_lower else Precedence.LONGER_WAIT


def _as_ended(problem: Problem, end: Progress) -> Progress:
    """Return the problem with the starts that were made, whose groups were others."""
    progress = Progress(problem)
    group_of = {job: n for n, group in enumerate(problem.groups) for job in group.group.job_ids}
    for start, (_, option) in zip(end.starts, end.options, strict=True):
        progress.start(group_of[start.job_id], option, start.placement.nodes)
    return progress
