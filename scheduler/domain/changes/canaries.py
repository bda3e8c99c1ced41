"""A policy tried on some classes: for them what the new one says, for all others the old one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from scheduler.domain.policies import Policy


def canary_policy(
    old: Policy, new: Policy, classes: Collection[str], organisations: Mapping[str, str]
) -> Policy:
    """Return the old policy with what the new one says of the named classes and their members.

    That is a class's own quota, its organisations' and its users' limits, and whether grants must
    pay for its jobs. What holds for the whole cluster (rates, usage, order, waits, recalls,
    reservations) stays as it was. `organisations` are those
    registered, with their class; a table of one that is not stays too. Each of the classes is one
    of the new policy's.
    """
    members, limits = dict(old.members), dict(old.class_user_limits)
    for name in classes:
        members[name] = new.members.get(name, new.organisation_default)
        limits[name] = new.limits_of_users(name)
    theirs = {name for name, tenant_class in organisations.items() if tenant_class in classes}
    kept = {name: quota for name, quota in old.organisations.items() if name not in theirs}
    tried = {name: quota for name, quota in new.organisations.items() if name in theirs}
    granted = set(old.granted_classes).difference(classes)
    granted |= set(new.granted_classes).intersection(classes)
    return replace(
        old,
        classes={**old.classes, **{name: new.classes[name] for name in classes}},
        organisations=kept | tried,
        granted_classes=tuple(sorted(granted)),
        members={
            name: quota
            for name, quota in members.items()
            if name in old.members or quota != old.organisation_default
        },
        class_user_limits={
            name: limit
            for name, limit in limits.items()
            if name in old.class_user_limits or limit != old.user_limits
        },
    )
