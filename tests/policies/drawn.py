"""Policies as files may say them, drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from scheduler.domain.policies import (
    OwnJobs,
    PerPool,
    Policy,
    Quota,
    RecallBy,
    RecallRules,
    SparePlaces,
    UserLimits,
    WaitRules,
)
from scheduler.domain.reservations.reservation import Audience, Reservation

CLASSES = ("universities", "startups", "agencies")
ORGANISATIONS = ("alpha", "beta", "gamma", "startup", "agency")
POOLS = ("alem/h200", "alem/a100", "kaz.1/l40s")
ONE_OR_TWO = st.integers(1, 2)
SECONDS = st.integers(3600, 3650 * 24 * 3600)


def _bounds(least: int, most: int) -> st.SearchStrategy[PerPool]:
    gpus = st.integers(least, most)
    by_pool = st.dictionaries(st.sampled_from(POOLS), gpus, max_size=2)
    return st.builds(PerPool, st.none() | gpus, by_pool)


def _floors() -> st.SearchStrategy[PerPool]:
    gpus = st.integers(4, 8)
    return st.builds(
        PerPool, st.just(0) | gpus, st.dictionaries(st.sampled_from(POOLS), gpus, max_size=2)
    )


def quotas() -> st.SearchStrategy[Quota]:
    """A file's floors are below its ceilings, and no more is lent than they are."""
    bounded = st.builds(Quota, ONE_OR_TWO, _floors(), _bounds(16, 64), _bounds(0, 64))
    lends_nothing = st.builds(
        Quota, ONE_OR_TWO, _floors(), _bounds(16, 64), _bounds(0, 64), st.just(PerPool(0))
    )
    return bounded | lends_nothing


def _user_limits() -> st.SearchStrategy[UserLimits]:
    most = st.none() | st.integers(1, 1_000_000)
    return st.builds(UserLimits, most, most, SECONDS, st.integers(1, 100_000), most)


def _decimals(least: int, most: int) -> st.SearchStrategy[Fraction]:
    """Numbers as people write them, with a few digits."""
    return st.integers(least, most).map(lambda thousandths: Fraction(thousandths, 1000))


FOR_WHOM = (
    Audience(),
    Audience(CLASSES[0]),
    Audience(organisation=ORGANISATIONS[0]),
    Audience(organisation=ORGANISATIONS[0], project="speech"),
)
HOW_MUCH: tuple[dict[str, Any], ...] = (
    {"gpus": 8},
    {"nodes": 2},
    {"node_names": ("n1", "n2")},
    {},
)


@st.composite
def reservations(draw: st.DrawFn) -> Reservation:
    """Each way to say how much, for whom, how long and how often."""
    starts = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 10_000)))
    weekly = draw(st.booleans())
    return Reservation(
        pool=draw(st.sampled_from(POOLS)),
        starts=starts,
        ends=starts + timedelta(seconds=draw(st.integers(1, 7 * 24 * 3600))),
        audience=draw(st.sampled_from(FOR_WHOM)),
        weekly=weekly,
        until=starts + timedelta(weeks=3) if weekly and draw(st.booleans()) else None,
        **draw(st.sampled_from(HOW_MUCH)),
    )


def policies() -> st.SearchStrategy[Policy]:
    """Every key is drawn; the classes are always the same three."""
    named = st.sampled_from(CLASSES)
    return st.builds(
        Policy,
        classes=st.fixed_dictionaries({name: quotas() for name in CLASSES}),
        organisation_default=quotas(),
        organisations=st.dictionaries(st.sampled_from(ORGANISATIONS), quotas(), max_size=3),
        rates=st.dictionaries(st.sampled_from(("h200", "a100.80")), _decimals(1, 5000)),
        half_life_s=SECONDS,
        usage_weight=_decimals(0, 5000),
        user_limits=_user_limits(),
        own_jobs=st.sampled_from(OwnJobs),
        wait=st.builds(WaitRules, SECONDS, st.integers(1, 64), st.sampled_from(SparePlaces)),
        recall=st.builds(
            RecallRules, st.booleans(), st.integers(0, 86_400), SECONDS, st.sampled_from(RecallBy)
        ),
        members=st.dictionaries(named, quotas(), max_size=2),
        class_user_limits=st.dictionaries(named, _user_limits(), max_size=2),
        granted_classes=st.sets(named).map(lambda names: tuple(sorted(names))),
        reservations=st.dictionaries(
            st.sampled_from(("course", "service")), reservations(), max_size=2
        ),
    )
