"""Worlds in which one waiting job has exactly the blockers that were planted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import ArrayPlace, HoldingJob, JobState, PendingJob, Placement
from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.domain.queue import grouped
from scheduler.domain.reasons import Reason
from scheduler.domain.requests import GpuRequest
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.domain.resources import Amount, Gang, Node, Pool
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POOL = Pool("gpu", "h200")
JOB_ID, RIVAL_ID, ARRAY_ID = 1, 2, 3
OWN = Tenant("universities", "alpha", "main", "aru")
RIVAL = Tenant("startups", "beta", "main", "berik")
OTHERS = Tenant("agencies", "omega", "main", "olzhas")
NODE_GPUS, NODES = 8, 4
MIB_PER_CPU = 4096
ONE_HOUR_S, LONG_S = 3600, 6 * 24 * 3600


@dataclass(slots=True)
class Plan:
    """What a world is to hold; each planting adds its part, and the reason that follows from it."""

    gpus: int = 1
    nodes: int | None = None
    walltime_s: int = 5 * ONE_HOUR_S
    constraint: tuple[frozenset[str], ...] = ()
    array: ArrayPlace | None = None
    own_gpus: list[int] = field(default_factory=lambda: [0] * NODES)  # the job's user's, by node
    other_gpus: list[int] = field(default_factory=lambda: [0] * NODES)
    down: int = 0
    rival: PendingJob | None = None
    planned: PlannedStart | None = None
    reservation: Reservation | None = None
    limits: dict[str, int] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def after(self) -> int:
        """Return what the user would hold with the job."""
        return sum(self.own_gpus) + self.gpus


@dataclass(frozen=True, slots=True)
class Planted:
    """A world, and the reasons for which its job number 1 waits."""

    seed: int
    snapshot: Snapshot
    reasons: Counter[Reason]


def planted(seed: int) -> Planted:
    """Return the world of this seed: one state of the room, and any limits beside it."""
    random, plan = Random(seed), Plan()
    plan.own_gpus[0] = random.choice((1, 2))
    room = random.choice(ROOMS)
    room(plan, random)
    if room is not nowhere:
        least = 1 if room is free_room else 0
        # One user's limit is every user's: with a low one the rival's large gang is not planned.
        limits = LIMITS[1:] if room is reserved else LIMITS
        for limit in random.sample(limits, random.randint(least, len(limits))):
            limit(plan)
        if room is free_room and random.random() < 0.5:
            kept_back(plan)
    return Planted(seed, _snapshot(plan), Counter(plan.reasons))


# What the room is as the cycle ends. Each is whole: a job is told of one state of its room.
def free_room(plan: Plan, random: Random) -> None:
    plan.gpus = random.choice((1, 2, 4))


def full(plan: Plan, random: Random) -> None:
    plan.gpus = random.choice((2, 4, 8))
    _fill(plan, free_on_last=random.randrange(plan.gpus))
    plan.reasons.append(Reason.NOT_ENOUGH_FREE_GPUS)


def borrowed(plan: Plan, random: Random) -> None:
    """Everybody presses, and the organisation holds the half that it is entitled to: full, too."""
    plan.gpus, plan.own_gpus = random.choice((2, 4)), [8, 8, 0, 0]
    plan.limits["borrowing"] = 0
    _fill(plan, free_on_last=random.randrange(plan.gpus))
    plan.rival = _waiting(RIVAL_ID, OTHERS, 32, NOW)
    plan.reasons += [Reason.BORROWING_LIMIT, Reason.NOT_ENOUGH_FREE_GPUS]


def fragments(plan: Plan, random: Random) -> None:
    plan.gpus = 8
    plan.other_gpus = [8 - plan.own_gpus[0] - 4, *(random.choice((2, 4)) for _ in range(3))]
    plan.reasons.append(Reason.FRAGMENTED)


def node_down(plan: Plan, random: Random) -> None:
    plan.own_gpus = [0] * NODES
    plan.gpus, plan.nodes, plan.down = 8 * NODES, NODES, random.choice((1, 2))
    plan.reasons.append(Reason.NODES_UNAVAILABLE)
    if random.random() < 0.5:
        plan.other_gpus[0] = 1
        plan.reasons.append(Reason.NOT_ENOUGH_FREE_GPUS)


def others_first(plan: Plan, random: Random) -> None:
    plan.gpus = random.choice((2, 4, 8))
    _fill(plan, free_on_last=plan.gpus)
    plan.rival = _waiting(RIVAL_ID, RIVAL, plan.gpus, NOW)
    plan.reasons.append(Reason.OTHERS_FIRST)


def reserved(plan: Plan, random: Random) -> None:
    """A rival's gang of two nodes waited for days: it will have the last two in an hour or more."""
    plan.gpus = random.choice((1, 4))
    _fill(plan, free_on_last=8)
    plan.rival = _waiting(RIVAL_ID, RIVAL, 16, NOW - timedelta(seconds=LONG_S))
    held = Placement(POOL.name, ("n3", "n4"), Gang(2, Amount(8, 1, MIB_PER_CPU)))
    plan.planned = PlannedStart(RIVAL_ID, NOW + timedelta(hours=2), held)
    plan.reasons.append(Reason.RESERVED)


def set_apart(plan: Plan, random: Random) -> None:
    """What is free is on nodes that are for others, or for nobody, before the job would end."""
    plan.gpus = random.choice((1, 4))
    _fill(plan, free_on_last=8)
    hours = random.choice((-1, 2, 4))
    audience = random.choice((Audience(), Audience(RIVAL.tenant_class)))
    plan.reservation = Reservation(
        POOL.name, NOW + timedelta(hours=hours), NOW + timedelta(hours=hours + 3), audience, nodes=1
    )
    plan.reasons.append(Reason.ADVANCE_RESERVATION)


def whole_pool(plan: Plan, random: Random) -> None:
    """Every node is reserved for others: room is not missed beside that."""
    plan.gpus = random.choice((1, 8))
    starts = NOW + timedelta(hours=random.choice((-2, 1)))
    plan.reservation = Reservation(POOL.name, starts, starts + timedelta(hours=6))
    plan.reasons.append(Reason.ADVANCE_RESERVATION)


def nowhere(plan: Plan, random: Random) -> None:
    plan.gpus = random.choice((1, 8))
    plan.constraint = (frozenset({"nvswitch"}),)
    plan.reasons.append(Reason.NO_SUITABLE_NODES)


ROOMS: Sequence[Callable[[Plan, Random], None]] = (
    free_room,
    full,
    borrowed,
    fragments,
    node_down,
    others_first,
    reserved,
    set_apart,
    whole_pool,
    nowhere,
)


# Limits that a start alone would pass, each one GPU too low for the job.
def user_limit(plan: Plan) -> None:
    plan.limits["user"] = plan.after - 1
    plan.reasons.append(Reason.USER_LIMIT)


def organisation_ceiling(plan: Plan) -> None:
    plan.limits["organisation"] = plan.after - 1
    plan.reasons.append(Reason.ORGANISATION_CEILING)


def class_ceiling(plan: Plan) -> None:
    plan.limits["class"] = plan.after - 1
    plan.reasons.append(Reason.CLASS_CEILING)


def array_limit(plan: Plan) -> None:
    """As many elements run as may: the user's first job is one."""
    if not plan.own_gpus[0]:
        return
    plan.array = ArrayPlace(ARRAY_ID, 7, limit=1)
    plan.reasons.append(Reason.ARRAY_LIMIT)


LIMITS = (user_limit, organisation_ceiling, class_ceiling, array_limit)


def kept_back(plan: Plan) -> None:
    """A floor of another one, not lent, is as large as what the job would have to leave free."""
    free = NODE_GPUS * NODES - sum(plan.own_gpus)
    plan.limits["floor of another"] = free - plan.gpus + 1
    plan.reasons.append(Reason.KEPT_BACK)


def _fill(plan: Plan, free_on_last: int) -> None:
    """Let the others hold whatever is left, but for so many GPUs on the last node."""
    plan.other_gpus = [NODE_GPUS - own for own in plan.own_gpus]
    plan.other_gpus[-1] -= free_on_last


def _snapshot(plan: Plan) -> Snapshot:
    holding = tuple(_holding(plan))
    job = _waiting(JOB_ID, OWN, plan.gpus, NOW - timedelta(minutes=1))
    asked = replace(
        job.request, nodes=plan.nodes, walltime_s=plan.walltime_s, constraint=plan.constraint
    )
    waiting = [replace(job, request=asked, array=plan.array), *([plan.rival] if plan.rival else [])]
    return Snapshot(
        cycle=1,
        taken_at=NOW,
        policy_version=1,
        policy=_policy(plan),
        pools=(POOL,),
        nodes=tuple(_node(number, plan) for number in range(NODES)),
        queue=grouped(waiting),
        holding=holding,
        organisations={who.organisation: who.tenant_class for who in (OWN, RIVAL, OTHERS)},
        default_mib_per_cpu=MIB_PER_CPU,
        plans=(plan.planned,) if plan.planned else (),
    )


def _policy(plan: Plan) -> Policy:
    """Return equal classes, with the plan's limits and reservation and no others."""
    limits = plan.limits
    own = Quota(
        ceiling=PerPool(limits.get("organisation")),
        borrowing_limit=PerPool(limits.get("borrowing")),
    )
    floor = Quota(floor=PerPool(limits.get("floor of another", 0)), lending_limit=PerPool(0))
    universities = Quota(ceiling=PerPool(limits.get("class")))
    return Policy(
        classes={"universities": universities, "startups": Quota(), "agencies": Quota()},
        organisations={OWN.organisation: own, RIVAL.organisation: floor},
        user_limits=UserLimits(max_held_gpus=limits.get("user")),
        reservations={"planted": plan.reservation} if plan.reservation else {},
    )


def _waiting(job_id: int, who: Tenant, gpus: int, since: datetime) -> PendingJob:
    return PendingJob(job_id, who, GpuRequest(gpus), since)


def _holding(plan: Plan) -> Iterator[HoldingJob]:
    for number in range(NODES):
        if plan.own_gpus[number]:
            yield _held(100 + number, OWN, number, plan.own_gpus[number], plan.array)
        if plan.other_gpus[number]:
            yield _held(200 + number, OTHERS, number, plan.other_gpus[number])


def _held(
    job_id: int, who: Tenant, node: int, gpus: int, array: ArrayPlace | None = None
) -> HoldingJob:
    """Return a job that runs until tomorrow; on the third node it ends in two hours."""
    placement = Placement(POOL.name, (f"n{node + 1}",), Gang(1, Amount(gpus, 1, MIB_PER_CPU)))
    hours = 3 if node == 2 else 25
    element = replace(array, index=0) if array and node == 0 else None
    return HoldingJob(
        *(job_id, who, JobState.RUNNING, placement, hours * ONE_HOUR_S),
        started_at=NOW - timedelta(hours=1),
        array=element,
    )


def _node(number: int, plan: Plan) -> Node:
    taken = plan.own_gpus[number] + plan.other_gpus[number]
    used = Amount(taken, 2 * bool(taken), 2 * MIB_PER_CPU * bool(taken))
    is_up = number < NODES - plan.down
    return Node(
        f"n{number + 1}", POOL.name, Amount(NODE_GPUS, 64, 1_024_000), used, available=is_up
    )
