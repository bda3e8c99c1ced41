"""Which role may do what, and how far: one table, asked by every use case."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum

from scheduler.domain.tenants import Role
from scheduler.errors import NotFound, NotPermitted
from scheduler.identity import Caller
from scheduler.texts import said


class Act(Enum):
    """What a caller may want to do; the value completes "X may not …"."""

    SEE_JOBS = said("see this job")
    SEE_SCRIPTS = said("read this job's script")
    READ_OUTPUT = said("read this job's output")
    CANCEL_JOBS = said("cancel this job")
    HOLD_JOBS = said("hold or release this job")
    SEE_PEOPLE = said("list these projects and users")
    MANAGE_PEOPLE = said("manage this organisation's projects and users")
    ROTATE_TOKENS = said("replace this user's token")
    MANAGE_ORGANISATIONS = said("manage organisations")
    PROPOSE_POLICIES = said("propose a policy")
    APPROVE_POLICIES = said("approve a policy")
    APPLY_POLICIES = said("apply a policy")
    SEE_RECEIPTS = said("read receipts")
    SEE_GRANTS = said("see this project's grants")
    REQUEST_GRANTS = said("request a grant for this project")
    WITHDRAW_GRANTS = said("withdraw what somebody else asked for")
    DECIDE_GRANTS = said("decide about grants")
    MANAGE_FUNDS = said("create funds")
    SEE_OVERVIEW = said("see the overview of the cluster")


class Reach(IntEnum):
    """How far a permission goes."""

    NOTHING = 0
    OWN = 1
    ORGANISATION = 2
    CLUSTER = 3


# researcher, organisation admin, cluster admin
_ROLES = (Role.RESEARCHER, Role.ORGANISATION_ADMIN, Role.CLUSTER_ADMIN)
_TABLE: Mapping[Act, tuple[Reach, Reach, Reach]] = {
    Act.SEE_JOBS: (Reach.ORGANISATION, Reach.ORGANISATION, Reach.CLUSTER),
    Act.SEE_SCRIPTS: (Reach.OWN, Reach.ORGANISATION, Reach.CLUSTER),
    # Files are their owner's: who may end a job may not read what it found out.
    Act.READ_OUTPUT: (Reach.OWN, Reach.OWN, Reach.OWN),
    Act.CANCEL_JOBS: (Reach.OWN, Reach.ORGANISATION, Reach.CLUSTER),
    Act.HOLD_JOBS: (Reach.OWN, Reach.ORGANISATION, Reach.CLUSTER),
    Act.SEE_PEOPLE: (Reach.ORGANISATION, Reach.ORGANISATION, Reach.CLUSTER),
    Act.MANAGE_PEOPLE: (Reach.NOTHING, Reach.ORGANISATION, Reach.CLUSTER),
    Act.ROTATE_TOKENS: (Reach.OWN, Reach.ORGANISATION, Reach.CLUSTER),
    Act.MANAGE_ORGANISATIONS: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    Act.PROPOSE_POLICIES: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    Act.APPROVE_POLICIES: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    Act.APPLY_POLICIES: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    # A receipt names everybody's users and what they ask for.
    Act.SEE_RECEIPTS: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    Act.SEE_GRANTS: (Reach.ORGANISATION, Reach.ORGANISATION, Reach.CLUSTER),
    Act.REQUEST_GRANTS: (Reach.ORGANISATION, Reach.ORGANISATION, Reach.CLUSTER),
    # A request is whose name stands on it; a cluster admin declines those of others.
    Act.WITHDRAW_GRANTS: (Reach.OWN, Reach.OWN, Reach.OWN),
    Act.DECIDE_GRANTS: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    Act.MANAGE_FUNDS: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
    # It names whoever waits longest.
    Act.SEE_OVERVIEW: (Reach.NOTHING, Reach.NOTHING, Reach.CLUSTER),
}
REACH: Mapping[Act, Mapping[Role, Reach]] = {
    act: dict(zip(_ROLES, reaches, strict=True)) for act, reaches in _TABLE.items()
}


def may(caller: Caller, act: Act, organisation: str = "", user: str = "") -> bool:
    """Say whether the caller may do this to a thing of that organisation and user."""
    me = caller.user
    match REACH[act][me.role]:
        case Reach.CLUSTER:
            return True
        case Reach.ORGANISATION:
            return organisation == me.organisation
        case Reach.OWN:
            return organisation == me.organisation and user == me.name
        case Reach.NOTHING:
            return False


def demand(caller: Caller, act: Act, organisation: str = "", user: str = "") -> None:
    """Raise NotPermitted unless the caller may."""
    if not may(caller, act, organisation, user):
        who = f"{caller.user.role} {caller.user.name!r}"
        others = [REACH[act][role] for role in _ROLES if role is not Role.CLUSTER_ADMIN]
        alone = set(others) == {Reach.NOTHING}
        raise NotPermitted(who, act.value, is_for_cluster_admins=alone)


def demand_sight(caller: Caller, organisation: str, kind: str, name: str) -> None:
    """Raise NotFound for a thing of another organisation: that it exists is not told."""
    if not may(caller, Act.SEE_PEOPLE, organisation):
        raise NotFound(kind, name)


def outranks(caller: Caller, role: Role) -> bool:
    """Say whether the role is above the caller's: nobody may grant or take over such a one."""
    return _ROLES.index(role) > _ROLES.index(caller.user.role)
