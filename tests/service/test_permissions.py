"""Who may do what, and how far: the table itself."""

from __future__ import annotations

import pytest

from scheduler.domain.tenants import Role, User
from scheduler.errors import NotFound, NotPermitted
from scheduler.identity import Caller
from scheduler.use_cases.permissions import REACH, Act, demand, demand_sight, may, outranks


def a_caller(role: Role) -> Caller:
    return Caller(User("aigerim", "steppe", "main", "aigerim", role), "universities")


RESEARCHER = a_caller(Role.RESEARCHER)
ORGANISATION_ADMIN = a_caller(Role.ORGANISATION_ADMIN)
CLUSTER_ADMIN = a_caller(Role.CLUSTER_ADMIN)

# Nobody does these for somebody else, whatever the role.
OWN = (Act.READ_OUTPUT, Act.WITHDRAW_GRANTS)


def test_every_act_says_how_far_each_role_reaches() -> None:
    assert set(REACH) == set(Act)
    assert all(set(reaches) == set(Role) for reaches in REACH.values())


@pytest.mark.parametrize("act", Act)
def test_a_higher_role_reaches_at_least_as_far(act: Act) -> None:
    reaches = REACH[act]

    assert reaches[Role.RESEARCHER] <= reaches[Role.ORGANISATION_ADMIN]
    assert reaches[Role.ORGANISATION_ADMIN] <= reaches[Role.CLUSTER_ADMIN]


@pytest.mark.parametrize("act", [act for act in Act if act not in OWN])
def test_only_cluster_admins_reach_into_other_organisations(act: Act) -> None:
    assert not may(RESEARCHER, act, "caspian", "aigerim")
    assert not may(ORGANISATION_ADMIN, act, "caspian", "aigerim")
    assert may(CLUSTER_ADMIN, act, "caspian", "bolat")


@pytest.mark.parametrize("act", OWN)
def test_nobody_reads_anothers_output_or_takes_anothers_request_back(act: Act) -> None:
    for caller in (RESEARCHER, ORGANISATION_ADMIN, CLUSTER_ADMIN):
        assert may(caller, act, "steppe", "aigerim")
        assert not may(caller, act, "steppe", "arman")
        assert not may(caller, act, "caspian", "aigerim")


def test_a_researcher_cancels_own_jobs_and_sees_colleagues() -> None:
    assert may(RESEARCHER, Act.CANCEL_JOBS, "steppe", "aigerim")
    assert not may(RESEARCHER, Act.CANCEL_JOBS, "steppe", "arman")
    assert may(RESEARCHER, Act.SEE_JOBS, "steppe", "arman")


def test_a_refusal_says_who_may_not_do_what() -> None:
    with pytest.raises(NotPermitted, match="researcher 'aigerim' may not apply a policy"):
        demand(RESEARCHER, Act.APPLY_POLICIES)


def test_a_foreign_thing_looks_like_one_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="no user 'bolat'"):
        demand_sight(ORGANISATION_ADMIN, "caspian", "user", "bolat")


def test_nobody_outranks_a_cluster_admin() -> None:
    assert not any(outranks(CLUSTER_ADMIN, role) for role in Role)
    assert outranks(ORGANISATION_ADMIN, Role.CLUSTER_ADMIN)
    assert not outranks(ORGANISATION_ADMIN, Role.ORGANISATION_ADMIN)
