"""The queue's course: what starts when, if runs end as expected and shares decide on turns."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import Policy
from scheduler.forecast.ceilings import Ceilings
from scheduler.forecast.room import Room, Seat, Shape
from scheduler.forecast.turns import Branch, Tree, Waiting

SOON_S = 1.0  # a run that should have ended by now ends next
# A course that has looked at jobs so often, started or not, is followed no further: somebody's
# ceiling may let thousands be looked at for each one that starts.
MOST_LOOKS = 200_000


# A shape that finds no room, or one that a user's ceilings forbid, until the next run ends.
Hopeless = Shape | tuple[tuple[str, ...], Shape]


@dataclass(frozen=True, slots=True)
class Run:
    """A gang at its place: when it is expected to end, and when its walltime ends it."""

    user: Branch
    seat: Seat
    end_s: float
    walltime_end_s: float
    array: ArrayPlace | None = None


@dataclass(slots=True)
class _Promise:
    """A due job's start by walltimes, and the GPUs that others may hold beyond it."""

    pool: str
    at_s: float
    spare_gpus: int

    def allows(self, seat: Seat, walltime_end_s: float) -> bool:
        harmless = seat.pool != self.pool or walltime_end_s <= self.at_s
        return harmless or seat.gpus <= self.spare_gpus


class Course:
    """Starts and ends jobs from now on, as the allocator would, in times that count from now.

    It is a sketch of the allocator that costs a thousandth: of nodes it knows the free GPUs, of
    limits the ceilings, and of the due jobs' planned starts the first.
    """

    def __init__(self, policy: Policy, tree: Tree, room: Room) -> None:
        self._tree = tree
        self._room = room
        self._ceilings = Ceilings(policy)
        self._places = policy.wait.places
        self._runs: dict[int, Run] = {}
        self._numbers = count()
        # Of runs, by their numbers, and of reservations, whose numbers are nobody's.
        self._ends: list[tuple[float, int]] = []
        self._openings: set[float] = set()
        self._queue: dict[int, Waiting] = {}
        self._by_age: dict[tuple[str, ...], deque[Waiting]] = {}  # of each organisation
        self._promise: _Promise | None = None
        self._starts: dict[int, float] = {}
        self._left: set[int] = set()  # those asked for that have not started
        self._looks_left = MOST_LOOKS

    def holds(self, run: Run) -> None:
        """Let a gang run whose GPUs the room no longer counts as free."""
        self._tree.hold(run.user, run.seat.gpus)
        self._ceilings.count(run.user.path, run.seat, run.seat.gpus)
        self._ceilings.count_elements(run.array, 1)
        number = next(self._numbers)
        self._runs[number] = run
        heappush(self._ends, (max(run.end_s, self._tree.now_s + SOON_S), number))

    def waits(self, job: Waiting) -> None:
        """Let a job wait; the jobs are to come in the order in which they are due."""
        self._queue[job.job_id] = job
        for opens_s in {shape.opens_s for shape in job.shapes if shape.closed} - self._openings:
            self._openings.add(opens_s)
            heappush(self._ends, (opens_s, next(self._numbers)))
        self._by_age.setdefault(job.user.path[:2], deque()).append(job)
        self._tree.add(job)

    def starts_s(self, wanted: Iterable[int], at_most: int) -> dict[int, float]:
        """Return when these jobs start, in seconds from now.

        After `at_most` starts, or as much work, the queue is taken to go on at the pace it had till
        then, as it is where nothing happens any more though jobs wait.
        """
        self._left, waiting = set(wanted), len(self._queue)
        while self._left and len(self._starts) < at_most and self._looks_left > 0:
            self._fill()
            if not self._go_on():
                break
        far_s = max(SOON_S, self._tree.now_s) * (1 + waiting / max(1, len(self._starts)))
        return {job_id: self._starts.get(job_id, far_s) for job_id in wanted}

    def _go_on(self) -> bool:
        """Go to the next end; False when nothing runs any more."""
        if not self._ends:
            return False
        self._tree.now_s = max(self._tree.now_s, self._ends[0][0])
        while self._ends and self._ends[0][0] <= self._tree.now_s:
            run = self._runs.pop(heappop(self._ends)[1], None)
            if run is not None:
                self._end(run)
        return True

    def _end(self, run: Run) -> None:
        self._room.give_back(run.seat)
        self._tree.hold(run.user, -run.seat.gpus)
        self._ceilings.count(run.user.path, run.seat, -run.seat.gpus)
        self._ceilings.count_elements(run.array, -1)

    def _fill(self) -> None:
        """Start what fits: the due ones, then by shares."""
        failed: set[Hopeless] = set()
        self._serve_due()
        while (free := self._room.most_on_a_node) and self._looks_left > 0:
            in_turn = self._tree.in_turn(free)
            if not any(self._start(job, failed) for job in in_turn):
                return

    def _start(self, job: Waiting, failed: set[Hopeless]) -> bool:
        """Start the job if it fits; what fails for want of room, or at a ceiling, fails again."""
        self._looks_left -= 1
        if not self._ceilings.allow_element(job.array):
            return False
        for shape in job.shapes:
            if shape in failed or (job.user.path, shape) in failed:
                continue
            if not self._ceilings.allow(job.user.path, shape):
                failed.add((job.user.path, shape))
                continue
            seat = self._room.seat(shape, self._tree.now_s)
            if seat is None:
                failed.add(shape)
            elif self._keeps_promise(job, seat):
                self._begin(job, seat)
                return True
        return False

    def _keeps_promise(self, job: Waiting, seat: Seat) -> bool:
        promise, until_s = self._promise, self._tree.now_s + job.walltime_s
        return promise is None or promise.allows(seat, until_s)

    def _begin(self, job: Waiting, seat: Seat) -> None:
        now_s = self._tree.now_s
        self._tree.remove(job)
        del self._queue[job.job_id]
        self._starts[job.job_id] = now_s
        self._left.discard(job.job_id)
        self._room.take(seat)
        promise = self._promise
        if promise and promise.pool == seat.pool and now_s + job.walltime_s > promise.at_s:
            promise.spare_gpus -= seat.gpus
        end_s, walltime_end_s = now_s + job.runtime_s, now_s + job.walltime_s
        self.holds(Run(job.user, seat, end_s, walltime_end_s, job.array))

    def _serve_due(self) -> None:
        """Start the due jobs that fit, of each organisation the oldest; promise the first other."""
        self._promise = None
        for job in self._line():
            if not self._start(job, set()) and self._promise is None:
                self._promise = self._promised(job)

    def _line(self) -> list[Waiting]:
        """Return of each organisation the oldest due job, the oldest first."""
        for jobs in self._by_age.values():
            while jobs and jobs[0].job_id not in self._queue:
                jobs.popleft()
        oldest = (jobs[0] for jobs in self._by_age.values() if jobs)
        due = (job for job in oldest if job.due_s <= self._tree.now_s)
        return sorted(due, key=lambda job: job.due_s)[: self._places]

    def _promised(self, job: Waiting) -> _Promise | None:
        """Return when walltimes leave enough GPUs, in the pool where that is first."""
        found = (self._promised_in(shape) for shape in job.shapes)
        return min((one for one in found if one), key=lambda one: one.at_s, default=None)

    def _promised_in(self, shape: Shape) -> _Promise | None:
        free = self._room.free_gpus.get(shape.pool, 0)
        ends = [(run.walltime_end_s, run.seat) for run in self._runs.values()]
        for end_s, seat in sorted(ends, key=lambda one: one[0]):
            free += seat.gpus if seat.pool == shape.pool else 0
            if free >= shape.gpus:
                return _Promise(shape.pool, end_s, free - shape.gpus)
        return None
