"""What grants that pay now have, hold and were charged, as gauges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from exporters import names
from exporters.families import gauge_family
from exporters.metric import Metric
from scheduler.domain.budgets.grants import HOUR_S, Grant

# Fund, organisation and project.
GrantPath = tuple[str, str, str]


def grant_families(grants: Iterable[Grant], now: datetime) -> Iterator[GaugeMetricFamily]:
    """Yield the grants in use; those of one project and fund are served as one.

    A grant that has not begun, or is over, pays for nothing new: it would only hide that another
    one is used up.
    """
    of_path = dict[GrantPath, list[Grant]]()
    for grant in grants:
        if grant.is_in_use(now):
            path = (grant.fund, grant.organisation, grant.project)
            of_path.setdefault(path, []).append(grant)
    granted = _sums(of_path, "granted")
    held, charged = _sums(of_path, "held"), _sums(of_path, "charged")
    yield _hours_family(names.GRANT_GRANTED, granted)
    yield _hours_family(names.GRANT_HELD, held)
    yield _hours_family(names.GRANT_CHARGED, charged)
    ratio = gauge_family(names.GRANT_USED)
    for path, whole in sorted(granted.items()):
        ratio.add_metric(path, (held[path] + charged[path]) / whole if whole else 1.0)
    yield ratio


def _sums(of_path: dict[GrantPath, list[Grant]], name: str) -> dict[GrantPath, int]:
    return {
        path: sum(getattr(grant.balance, name) for grant in grants)
        for path, grants in of_path.items()
    }


def _hours_family(metric: Metric, amounts: dict[GrantPath, int]) -> GaugeMetricFamily:
    family = gauge_family(metric)
    for path, gpu_seconds in sorted(amounts.items()):
        family.add_metric(path, gpu_seconds / HOUR_S)
    return family
