"""What is given back of the charge of a run that Slurm itself cut short."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.budgets.ledger import Entry, EntryKind, Part, Price, entries_of, shared_out
from scheduler.domain.budgets.settling import OpenCharge, refunds_of
from scheduler.domain.cluster import EndedRun
from tests.build import NOON, at


def a_charge(*parts: Part, used: int, gpus: int = 1, price: Price | None = None) -> OpenCharge:
    """Return what a run was charged that began at noon, on GPUs of a type with no rate."""
    charges = entries_of(parts, EntryKind.CHARGE, at(1000), job_id=7, attempt=2)
    charges = tuple(
        replace(one, gpu_seconds=seconds)
        for one, seconds in zip(charges, shared_out(used, parts), strict=True)
    )
    return OpenCharge(1001, NOON, gpus, "h200", price or Price(1_000_000), charges)


def a_run(seconds: float, *, node_failed: bool = False) -> EndedRun:
    return EndedRun(1001, 7, 2, NOON, at(seconds), node_failed)


def refunded(charge: OpenCharge, run: EndedRun) -> list[tuple[int, int, int]]:
    """Return grant, amount and GPU-seconds of each refund."""
    entries = refunds_of(charge, run, at(2000))
    assert {(one.kind, one.at) for one in entries} <= {(EntryKind.REFUND, at(2000))}
    assert {(one.job_id, one.attempt) for one in entries} <= {(7, 2)}
    return [(one.grant, one.amount, one.gpu_seconds) for one in entries]


def test_what_was_charged_beyond_the_accounting_is_given_back() -> None:
    assert refunded(a_charge(Part(1, 24), used=24, gpus=2), a_run(11)) == [(1, 2, 2)]


def test_a_charge_that_agrees_is_left_as_it_is() -> None:
    assert refunded(a_charge(Part(1, 24), used=24, gpus=2), a_run(12)) == []


def test_a_failed_node_gives_all_back_and_the_seconds_used_stay_told() -> None:
    charge = a_charge(Part(1, 24), used=24, gpus=2)

    assert refunded(charge, a_run(11, node_failed=True)) == [(1, 24, 2)]
    assert refunded(charge, a_run(12, node_failed=True)) == [(1, 24, 0)]


def test_who_was_charged_too_little_is_charged_nothing_more() -> None:
    assert refunded(a_charge(Part(1, 24), used=24, gpus=2), a_run(20)) == []


def test_the_grant_that_paid_last_is_given_back_first() -> None:
    charge = a_charge(Part(1, 10), Part(2, 4), Part(1, 6), used=20)

    assert refunded(charge, a_run(12)) == [(2, 2, 2), (1, 6, 6)]


def test_past_its_walltime_the_seconds_are_corrected_and_the_cost_stays() -> None:
    charge = a_charge(Part(1, 3600), used=3630, price=Price(3600))

    assert refunded(charge, a_run(3628)) == [(1, 0, 2)]


def test_the_rate_is_the_one_it_was_charged_at() -> None:
    charge = a_charge(Part(1, 50), used=100, price=Price(3600, {"h200": Fraction(1, 2)}))

    assert refunded(charge, a_run(90)) == [(1, 5, 10)]


def test_a_charge_is_of_one_run_of_its_job_alone() -> None:
    charge = a_charge(Part(1, 24), used=24)

    assert charge.is_of(a_run(5))
    for other in (
        replace(a_run(5), started_at=at(1)),
        replace(a_run(5), slurm_id=1002),
        replace(a_run(5), job_id=8),
        replace(a_run(5), attempt=3),
    ):
        assert not charge.is_of(other)


@given(
    amounts=st.lists(st.integers(1, 500), min_size=1, max_size=4),
    gpus=st.integers(1, 8),
    charged_s=st.integers(1, 400),
    ran_s=st.integers(0, 450),
    rate=st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3, 2)]),
    node_failed=st.booleans(),
)
def test_no_more_is_given_back_than_was_charged_and_the_rest_is_due(
    *, amounts: list[int], gpus: int, charged_s: int, ran_s: int, rate: Fraction, node_failed: bool
) -> None:
    price = Price(10_000, {"h200": rate})
    used = gpus * charged_s
    parts = [Part(number, amount) for number, amount in enumerate(amounts)]
    charge = a_charge(*parts, used=used, gpus=gpus, price=price)
    refunds = refunds_of(charge, a_run(ran_s, node_failed=node_failed), at(2000))

    left = {one.grant: one for one in charge.charges}
    for one in refunds:
        left[one.grant] = _less(left[one.grant], one)
    assert all(one.amount >= 0 and one.gpu_seconds >= 0 for one in left.values())
    due = 0 if node_failed else min(sum(amounts), price.of_run(gpus * ran_s, "h200"))
    assert sum(one.amount for one in left.values()) == due
    assert sum(one.gpu_seconds for one in left.values()) == min(used, gpus * ran_s)


def _less(charge: Entry, refund: Entry) -> Entry:
    return replace(
        charge,
        amount=charge.amount - refund.amount,
        gpu_seconds=charge.gpu_seconds - refund.gpu_seconds,
    )
