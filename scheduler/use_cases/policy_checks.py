"""What is wrong with a policy file, and what is odd about it on this cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from scheduler.domain.changes.lint import lint
from scheduler.domain.changes.warnings import policy_warnings
from scheduler.domain.policies import Policy
from scheduler.domain.reservations.lint import lint_reservations, unknown_projects
from scheduler.errors import InvalidPolicy, Violation
from scheduler.policy_files import parse_policy, violation_at
from scheduler.ports import Clock, Store, ViewReader
from scheduler.texts import listed, said

MAX_POLICY_BYTES = 1024 * 1024
CLUSTER_UNREAD = "cluster_unread"


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something about a right file that its author may not want: its kind's name, and where."""

    kind: str
    violation: Violation

    @property
    def named(self) -> Violation:
        """Return where and what, with the name by which it is accepted after it."""
        message = listed((self.violation.message, " [", self.kind, "]"), "")
        return replace(self.violation, message=message)


class PolicyChecks:
    """Reads policy files, and holds them against the tenants and the cluster of now."""

    def __init__(self, store: Store, view: ViewReader, clock: Clock) -> None:
        self._store = store
        self._view = view
        self._clock = clock

    def parsed(self, text: str) -> Policy:
        """Return the policy. Raises InvalidPolicy with all that is wrong, and how to mend it."""
        if len(text.encode()) > MAX_POLICY_BYTES:
            message = said("is longer than {most} bytes; shorten it", most=MAX_POLICY_BYTES)
            raise InvalidPolicy(Violation("text", message))
        _, policy = parse_policy(text)
        if dropped := tuple(self._dropped_classes(policy)):
            raise InvalidPolicy(*dropped)
        return policy

    def oddities(self, text: str, policy: Policy) -> tuple[Oddity, ...]:
        """Return where the policy does not fit the newest view, and what in it has no effect."""
        organisations, cluster = self.organisations(), self._view.latest().cluster
        odd = (
            *lint(policy, organisations, self._capacity()),
            *lint_reservations(
                policy, organisations, cluster.nodes if cluster else (), self._clock.now()
            ),
            *unknown_projects(policy, self._projects(policy)),
        )
        found = (Oddity(one.kind, violation_at(text, one.key, one.message)) for one in odd)
        return (*self._misfits(text, policy), *found)

    def left(
        self, text: str, policy: Policy, accepted: Collection[str], foreseen: Iterable[Oddity] = ()
    ) -> tuple[Oddity, ...]:
        """Return what is odd and not accepted by its kind, and was not so of the version in force.

        What is `foreseen` is harm by the change itself, and so always new.
        """
        current = self._store.current_policy()
        known = self.oddities(current.text, current.policy) if current else ()
        before = {(one.kind, one.violation.field) for one in known}
        found = (*self.oddities(text, policy), *foreseen)
        return tuple(
            one
            for one in found
            if one.kind not in accepted and (one.kind, one.violation.field) not in before
        )

    def organisations(self) -> dict[str, str]:
        """Return those registered, with their class."""
        return {one.name: one.tenant_class for one in self._store.organisations()}

    def _projects(self, policy: Policy) -> dict[str, set[str]]:
        """Return the projects of those registered for which something is reserved."""
        owners = {one.audience.organisation for one in policy.reservations.values()}
        return {
            name: {project.name for project in self._store.projects(name)}
            for name in owners & set(self.organisations())
        }

    def _misfits(self, text: str, policy: Policy) -> Iterator[Oddity]:
        cluster = self._view.latest().cluster
        if cluster is None:
            unread = said(
                "the cluster has not been read yet: pools and floors were not compared with it"
            )
            yield Oddity(CLUSTER_UNREAD, Violation("file", unread))
            return
        for warning in policy_warnings(policy, cluster, self.organisations()):
            yield Oddity(warning.kind, violation_at(text, warning.key, warning.message))

    def _capacity(self) -> Counter[str]:
        gpus = Counter[str]()
        cluster = self._view.latest().cluster
        for node in cluster.nodes if cluster else ():
            gpus[node.pool] += node.capacity.gpus
        return gpus

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
