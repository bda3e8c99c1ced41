"""What floors keep back, counted start by start, is what adding all claims up gives."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.shares.kept_back import Keep, KeptBack
from scheduler.domain.tenants import Tenant

CLASSES = ("universities", "startups")
ORGANISATIONS = {"narxoz": "universities", "satbayev": "universities", "steppe": "startups"}
OWNERS = [(name,) for name in CLASSES] + [(c, o) for o, c in ORGANISATIONS.items()]
keeps_of = st.dictionaries(st.sampled_from(OWNERS), st.integers(1, 9))
starts_of = st.lists(st.tuples(st.sampled_from(sorted(ORGANISATIONS)), st.integers(1, 5)))


def tenant(organisation: str) -> Tenant:
    return Tenant(ORGANISATIONS[organisation], organisation, "main", "aru")


def added_up(keeps: dict[tuple[str, ...], int], held: Counter[tuple[str, ...]]) -> int:
    """Return the larger of each class's claim and its organisations' claims together."""
    short = {path: max(0, gpus - held[path]) for path, gpus in keeps.items()}
    return sum(
        max(
            short.get((name,), 0),
            sum(gpus for path, gpus in short.items() if path[0] == name and len(path) > 1),
        )
        for name in CLASSES
    )


@given(keeps_of, starts_of)
def test_each_start_changes_what_is_kept_back_as_adding_up_does(
    keeps: dict[tuple[str, ...], int], starts: list[tuple[str, int]]
) -> None:
    kept_back = KeptBack(Keep(path, gpus) for path, gpus in keeps.items())
    held: Counter[tuple[str, ...]] = Counter()

    assert kept_back.gpus == added_up(keeps, held)
    for organisation, gpus in starts:
        asked = kept_back.gpus_if(tenant(organisation), gpus)
        for depth in (1, 2):
            held[tenant(organisation).path(depth)] += gpus
        kept_back.count(tenant(organisation), gpus)
        assert asked == kept_back.gpus == added_up(keeps, held)
