"""Policies: read, tried, and put in force where one signature is enough."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.changes.differences import changes
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import InvalidPolicy, NeedsProposal, NotFound, Violation
from scheduler.identity import Caller
from scheduler.policy_files import policy_version
from scheduler.ports import Clock, Store
from scheduler.use_cases.permissions import Act, demand
from scheduler.use_cases.policy_checks import Oddity, PolicyChecks
from scheduler.use_cases.proposals import demand_no_canary


@dataclass(frozen=True, slots=True)
class Trial:
    """What is wrong with a policy file, or what it would change and what is odd about it."""

    problems: tuple[Violation, ...]
    changes: tuple[str, ...] = ()
    oddities: tuple[Oddity, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A version that is in force from the next cycle on, and what is odd about it."""

    version: PolicyVersion
    oddities: tuple[Oddity, ...]


class Policies:
    """Keeps the policy. Every method blocks and may raise StoreUnavailable.

    With two `signatures` a policy in force is changed by proposals only.
    """

    def __init__(self, store: Store, checks: PolicyChecks, clock: Clock, signatures: int) -> None:
        self._store = store
        self._checks = checks
        self._clock = clock
        self._signatures = signatures

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
            policy = self._checks.parsed(text)
        except InvalidPolicy as wrong:
            return Trial(wrong.violations)
        current = self._store.current_policy()
        changed = changes(current.policy, policy) if current else ()
        return Trial((), changed, self._checks.oddities(text, policy))

    def apply(self, caller: Caller, text: str, expected: int) -> Applied:
        """Store the file as the next version.

        Raises NotPermitted, InvalidPolicy, StaleVersion, CanaryInForce, and NeedsProposal where a
        version is in force and two must sign.
        """
        demand(caller, Act.APPLY_POLICIES)
        policy = self._checks.parsed(text)
        in_force = self._store.current_policy()
        if self._signatures > 1 and in_force is not None:
            raise NeedsProposal
        demand_no_canary(self._store, in_force)
        version = policy_version(text, caller.user.name, self._clock.now())
        applied = self._store.apply_policy(version, expected)
        return Applied(applied, self._checks.oddities(text, policy))
