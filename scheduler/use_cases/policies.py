"""Policies: read, tried and applied, each version on top of the one its author saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.domain.policy_changes import changes
from scheduler.domain.policy_warnings import policy_warnings
from scheduler.errors import InvalidPolicy, NotFound, Violation
from scheduler.identity import Caller
from scheduler.policy_files import parse_policy, policy_version, violation_at
from scheduler.ports import Clock, Store, ViewReader
from scheduler.texts import said
from scheduler.use_cases.permissions import Act, demand

MAX_POLICY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Trial:
    """What is wrong with a policy file, or what it would change and where it does not fit."""

    problems: tuple[Violation, ...]
    changes: tuple[str, ...] = ()
    warnings: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A version that is in force from the next cycle on, and where it does not fit the cluster."""

    version: PolicyVersion
    warnings: tuple[Violation, ...]


class Policies:
    """Keeps the policy. Every method blocks and may raise StoreUnavailable."""

    def __init__(self, store: Store, view: ViewReader, clock: Clock) -> None:
        self._store = store
        self._view = view
        self._clock = clock

    def get(self, number: int) -> PolicyVersion:
        """Return a version, the newest for 0. Raises NotFound."""
        if number == 0:
            found = self._store.current_policy()
        else:
            versions = self._store.policy_versions()
            found = next((version for version in versions if version.number == number), None)
        if found is None:
            raise NotFound("policy version", str(number))
        return found

    def versions(self) -> tuple[PolicyVersion, ...]:
        """Return all versions, newest first."""
        return self._store.policy_versions()

    def validate(self, text: str) -> Trial:
        """Try a file; store nothing."""
        try:
            policy = self._parsed(text)
        except InvalidPolicy as wrong:
            return Trial(wrong.violations)
        current = self._store.current_policy()
        changed = changes(current.policy, policy) if current else ()
        return Trial((), changed, tuple(self._warnings(text, policy)))

    def apply(self, caller: Caller, text: str, expected: int) -> Applied:
        """Store the file as the next version. Raises NotPermitted, InvalidPolicy, StaleVersion."""
        demand(caller, Act.APPLY_POLICIES)
        policy = self._parsed(text)
        version = policy_version(text, caller.user.name, self._clock.now())
        applied = self._store.apply_policy(version, expected)
        return Applied(applied, tuple(self._warnings(text, policy)))

    def _warnings(self, text: str, policy: Policy) -> Iterator[Violation]:
        """Yield where the policy does not fit what the newest view shows."""
        cluster = self._view.latest().cluster
        if cluster is None:
            unread = said(
                "the cluster has not been read yet: pools and floors were not compared with it"
            )
            yield Violation("file", unread)
            return
        organisations = {one.name: one.tenant_class for one in self._store.organisations()}
        for warning in policy_warnings(policy, cluster, organisations):
            yield violation_at(text, warning.key, warning.message)

    def _parsed(self, text: str) -> Policy:
        if len(text.encode()) > MAX_POLICY_BYTES:
            message = said("is longer than {most} bytes; shorten it", most=MAX_POLICY_BYTES)
            raise InvalidPolicy(Violation("text", message))
        _, policy = parse_policy(text)
        if dropped := tuple(self._dropped_classes(policy)):
            raise InvalidPolicy(*dropped)
        return policy

    def _dropped_classes(self, policy: Policy) -> Iterator[Violation]:
        """Yield each class that the policy drops while organisations are of it."""
        current = self._store.current_policy()
        dropped = set(current.policy.classes) - set(policy.classes) if current else set()
        for organisation in self._store.organisations():
            if organisation.tenant_class in dropped:
                message = said(
                    "organisation {name!r} is of this class; keep the class", name=organisation.name
                )
                yield Violation(f"classes.{organisation.tenant_class}", message)
