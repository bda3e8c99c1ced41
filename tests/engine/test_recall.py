"""Borrowed GPUs come back: signal, notice, requeue; and what may come between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.cluster import BackendState
from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.recalls.notices import Notice, Receiver
from scheduler.domain.recalls.recall import recalling
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.shares.due_dates import AFTER_NOTICE
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.engine.loop import Engine
from scheduler.policy_files import policy_version
from tests.engine.rig import Rig, a_rig, class_of

POLICY = """
title = "Tests"
[classes.universities]
[classes.startups]
[usage]
weight = 0
[recall]
enabled = true
notice = "30s"
min_runtime = "60s"
"""
TRAPS = "trap 'checkpoint' USR1"


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig(allocate=recalling(CpSatAllocator())) as made:
        made.store.apply_policy(policy_version(POLICY, "admin", made.clock.now()), expected=1)
        yield made


def submit(rig: Rig, organisation: str, *directives: str, body: str = "sleep 9000") -> int:
    lines = "".join(f"#SBATCH {line}\n" for line in ("--gpus-per-node=8", *directives))
    script = f"#!/bin/bash\n{lines}{TRAPS}\n{body}\n"
    tenant = Tenant(class_of(organisation), organisation, "research", f"{organisation}-user")
    new = NewJobs(tenant, organisation, read_job(script).spec, "", "", rig.clock.now())
    (answer,) = rig.store.add_jobs([new])
    assert isinstance(answer, tuple), answer
    return answer[0].job_id


def lend_everything(rig: Rig, *directives: str) -> list[int]:
    """Let alpha run on all eight nodes, for longer than the minimum runtime."""
    lent = [submit(rig, "alpha", "--requeue", "--time=10:00:00", *directives) for _ in range(8)]
    rig.ticks(70)
    assert set(rig.states(*lent)) == {"running"}
    return lent


def told(rig: Rig, lent: list[int]) -> list[int]:
    """Return who was told to give its GPUs back, and still runs."""
    return [job_id for job_id in lent if rig.store.job(job_id).recall_requested_at]


def test_lent_gpus_come_back_after_the_notice_and_the_recalled_job_waits_again(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    owner = submit(rig, "beta")
    rig.ticks(1)
    (leaving,) = told(rig, lent)
    assert rig.states(leaving, owner) == ["running", "pending"]
    rig.ticks(29)
    assert rig.states(leaving, owner) == ["running", "pending"]
    rig.ticks(4)
    back = rig.store.job(leaving)
    assert rig.states(leaving, owner) == ["pending", "running"]
    assert (back.recalls, back.recalled_for, back.slurm_id) == (1, "beta", 0)
    charged = sum(b.gpu_seconds for b in rig.store.usage(rig.clock.now().replace(year=2025)))
    assert 8 * 98 <= charged <= 8 * 102


def test_what_is_owed_is_told_from_its_first_cycle_until_it_came(rig: Rig) -> None:
    lend_everything(rig, "--signal=B:USR1@60")
    submit(rig, "beta")
    rig.ticks(1)
    first = rig.clock.now()
    rig.ticks(20)
    (owed,) = [share for share in rig.told.reports[-1].shares if share.owed]
    (borrowed,) = [share for share in rig.told.reports[-1].shares if share.borrowed]

    assert (owed.organisation, owed.owed) == ("beta", 8)
    assert owed.owed_since is not None
    assert first - timedelta(seconds=1) <= owed.owed_since <= first
    assert owed.owed_until == owed.owed_since + timedelta(seconds=30) + AFTER_NOTICE
    assert borrowed.borrowed_until == owed.owed_since + timedelta(seconds=30)
    rig.ticks(20)
    assert not any(share.owed for share in rig.told.reports[-1].shares)


def test_who_was_recalled_is_told_so_while_it_runs_and_when_it_waits(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    before = rig.store.last_event_id()
    submit(rig, "beta")
    rig.ticks(40)
    (told_id,) = [job_id for job_id in lent if rig.store.job(job_id).recalls]
    events = [event for event in rig.store.events(before, 99) if event.job_id == told_id]

    assert [event.state for event in events[:2]] == [JobState.RUNNING, JobState.PENDING]
    assert events[0].detail == "its GPUs are recalled for beta: it ends soon, and waits again"
    assert events[1].detail == "recalled for beta, waits again"


def test_one_claim_recalls_once_however_many_cycles_the_notice_takes(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    submit(rig, "beta")
    rig.ticks(60)

    assert sum(rig.store.job(job_id).recalls for job_id in lent) == 1
    assert sum(len(report.allocation.recalls) for report in rig.told.reports) == 1


def test_every_owner_gets_the_whole_entitlement_back_and_then_it_rests(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    owners = [submit(rig, "beta", "--requeue", "--time=10:00:00") for _ in range(8)]
    rig.ticks(300)

    assert rig.states(*owners).count("running") == 4
    assert rig.states(*lent).count("running") == 4
    assert sum(rig.store.job(job_id).recalls for job_id in lent) == 4
    assert all(rig.store.job(job_id).recalls == 0 for job_id in owners)
    assert all(not report.violations for report in rig.told.reports)


def recalls_without_deciding(snapshot: Snapshot) -> Allocation:
    """Recall as is right, but forget the jobs that wait: the audit refuses it."""
    allocation = recalling(CpSatAllocator())(snapshot)
    return replace(allocation, decisions=()) if allocation.recalls else allocation


def test_a_recall_of_a_refused_decision_is_not_carried_out() -> None:
    with a_rig(allocate=recalls_without_deciding) as rig:
        rig.store.apply_policy(policy_version(POLICY, "admin", rig.clock.now()), expected=1)
        lent = lend_everything(rig, "--signal=B:USR1@60")
        owner = submit(rig, "beta")
        rig.ticks(40)

        assert told(rig, lent) == []
        assert rig.backend.signals == []
        assert rig.states(owner, *lent) == ["pending", *["running"] * 8]
        assert rig.store.job(owner).reason == Reason.SCHEDULER_PAUSED
        assert rig.told.reports[-1].violations


def test_a_job_that_does_not_catch_its_signal_waits_again_at_once(rig: Rig) -> None:
    lent = lend_everything(rig)
    owner = submit(rig, "beta")
    rig.ticks(4)

    assert rig.states(owner) == ["running"]
    assert rig.states(*lent).count("pending") == 1


def test_a_job_that_completes_within_the_notice_has_completed(rig: Rig) -> None:
    lent = [submit(rig, "alpha", "--requeue", "--signal=B:USR1", body="sleep 80") for _ in range(8)]
    rig.ticks(70)
    submit(rig, "beta")
    rig.ticks(20)

    assert set(rig.states(*lent)) == {"completed"}
    assert sum(rig.store.job(job_id).recalls for job_id in lent) == 0


def test_a_cancel_within_the_notice_ends_the_job_for_good(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    submit(rig, "beta")
    rig.ticks(2)
    (leaving,) = told(rig, lent)
    rig.store.request_cancel(leaving, rig.clock.now())
    rig.ticks(3)

    assert rig.states(leaving) == ["cancelled"]


def test_a_job_that_requeues_itself_within_the_notice_waits_in_our_queue(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    owner = submit(rig, "beta")
    rig.ticks(2)
    (leaving,) = told(rig, lent)
    rig.backend.requeue(rig.store.job(leaving).slurm_id)
    rig.ticks(4)

    assert rig.states(leaving, owner) == ["pending", "running"]


def test_the_notice_begins_when_the_cluster_takes_the_signal(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    owner = submit(rig, "beta")
    rig.backend.refuse_signals(True)
    rig.ticks(60)
    (leaving,) = told(rig, lent)
    assert rig.states(leaving, owner) == ["running", "pending"]
    rig.backend.refuse_signals(False)
    rig.ticks(30)
    assert rig.states(leaving, owner) == ["running", "pending"]
    rig.ticks(5)
    assert rig.states(leaving, owner) == ["pending", "running"]


def test_after_a_restart_the_job_is_signalled_again_and_keeps_its_notice(rig: Rig) -> None:
    lent = lend_everything(rig, "--signal=B:USR1@60")
    owner = submit(rig, "beta")
    rig.ticks(20)
    (leaving,) = told(rig, lent)
    again = replace(rig, engine=Engine(rig.engine._world))
    again.ticks(29)
    assert again.states(leaving, owner) == ["running", "pending"]
    again.ticks(5)

    slurm_id = rig.backend.signals[0].slurm_id
    assert [notice.slurm_id for notice in rig.backend.signals] == [slurm_id, slurm_id]
    assert again.states(leaving, owner) == ["pending", "running"]


def test_the_job_gets_the_signal_that_it_asked_for(rig: Rig) -> None:
    lend_everything(rig, "--signal=B:USR1@60")
    submit(rig, "beta")
    rig.ticks(1)

    (notice,) = rig.backend.signals
    assert isinstance(notice, Notice)
    assert (notice.signal.name, notice.signal.to) == ("USR1", Receiver.SCRIPT)


def test_nothing_moves_where_the_policy_has_recall_off(rig: Rig) -> None:
    off = POLICY.replace("enabled = true", "enabled = false")
    rig.store.apply_policy(policy_version(off, "admin", rig.clock.now()), expected=2)
    lent = lend_everything(rig, "--signal=B:USR1@60")
    submit(rig, "beta")
    rig.ticks(60)

    assert set(rig.states(*lent)) == {"running"}
    assert all(job.state is BackendState.RUNNING for job in rig.backend.read(()).jobs)
