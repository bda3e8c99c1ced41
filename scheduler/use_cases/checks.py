"""Checks requests against policy and cluster, the same request only once for each of them."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import Policy
from scheduler.domain.records import ClusterView
from scheduler.domain.requests import GpuRequest
from scheduler.domain.tenants import Tenant
from scheduler.domain.validation import check_request
from scheduler.errors import NotPermitted
from scheduler.texts import said

# A sweep sends the same few requests thousands of times; who sends others pays for the checks.
REMEMBERED_REQUESTS = 4096


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: a job, or an array of so many elements."""

    request: GpuRequest
    tenant: Tenant
    elements: int


class Checks:
    """Remembers what passed against the newest policy and cluster; a check walks all nodes."""

    def __init__(self) -> None:
        self._against: tuple[Policy, ClusterState | None] | None = None
        self._passed: set[Wanted] = set()

    def check(self, wanted: Wanted, view: ClusterView) -> None:
        """Return when the request could be granted.

        Raises InvalidRequest, QuotaExceeded, and NotPermitted for a class without a share.
        """
        policy, cluster = view.policy.policy, view.cluster
        if self._against is None or not _same(self._against, (policy, cluster)):
            self._against = (policy, cluster)
            self._passed = set()
        if wanted in self._passed:
            return
        _check(wanted, policy, cluster)
        if len(self._passed) < REMEMBERED_REQUESTS:
            self._passed.add(wanted)


def _same(
    one: tuple[Policy, ClusterState | None], other: tuple[Policy, ClusterState | None]
) -> bool:
    """Say whether these are the same objects: equal ones take longer to tell than to check."""
    return one[0] is other[0] and one[1] is other[1]


def _check(wanted: Wanted, policy: Policy, cluster: ClusterState | None) -> None:
    tenant = wanted.tenant
    if tenant.tenant_class not in policy.classes:
        who = said("class {name!r}", name=tenant.tenant_class)
        raise NotPermitted(who, said("submit jobs: the policy gives it no share"))
    check_request(wanted.request, tenant, policy, cluster, wanted.elements)
