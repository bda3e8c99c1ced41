"""A database that was restored from an older backup, in front of a Slurm that went on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scheduler.clock import EPOCH
from scheduler.domain.cluster import BackendState
from scheduler.domain.jobs import TERMINAL, JobState
from scheduler.engine.loop import Engine
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable
from scheduler.store.backups.backup import make_backup, restore_backup
from scheduler.store.backups.marks import SKIPPED_JOB_IDS
from scheduler.store.sql import open_store
from scheduler.view import LatestView
from tests.engine.rig import Rig, a_rig


@pytest.fixture(params=[0.0, 3.0], ids=["released at once", "held first"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with a_rig(url, confirm_after_s=request.param) as made:
        yield made


def backed_up(rig: Rig, folder: Path) -> None:
    make_backup(f"sqlite:///{folder / 'store.db'}", folder / "b.tar", "1", rig.clock.now())


@contextmanager
def restored(rig: Rig, folder: Path) -> Iterator[Rig]:
    """Yield the rig on the restored database, in front of the same cluster."""
    rig.store.close()
    url = f"sqlite:///{folder / 'store.db'}"
    restore_backup(url, folder / "b.tar", rig.clock.now(), replace=True)
    store = open_store(url)
    policy = store.current_policy()
    assert policy is not None
    old: World = rig.engine._world  # the restarted service has the same settings
    view = LatestView(rig.backend.name, policy)
    world = World(store, rig.backend, old.allocate, rig.clock, view, (rig.told,), old.patience)
    try:
        yield Rig(store, rig.backend, rig.clock, Engine(world), view, rig.told)
    finally:
        store.close()


def submissions(rig: Rig) -> dict[int, int]:
    """Return how many jobs the cluster ever had of each of ours."""
    counts: dict[int, int] = {}
    for job in rig.backend.marked_since(EPOCH):
        counts[job.job_id] = counts.get(job.job_id, 0) + 1
    return counts


def test_what_was_submitted_after_the_backup_is_adopted_and_runs_once(
    rig: Rig, tmp_path: Path
) -> None:
    runs, waits = [rig.submit("alpha", gpus=8, sleep_s=600) for _ in range(2)]
    ends = rig.submit("beta", gpus=8, sleep_s=5)
    backed_up(rig, tmp_path)
    rig.ticks(30)
    assert rig.states(runs, waits, ends) == ["running", "running", "completed"]
    with restored(rig, tmp_path) as again:
        assert again.states(runs, waits, ends) == ["pending"] * 3
        again.ticks(30)
        assert again.states(runs, waits, ends) == ["running", "running", "completed"]
        assert submissions(again) == {runs: 1, waits: 1, ends: 1}
        assert again.store.job(runs).attempt == 1


def test_a_run_that_ended_meanwhile_is_charged_once(rig: Rig, tmp_path: Path) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=100)
    backed_up(rig, tmp_path)
    rig.ticks(120)
    with restored(rig, tmp_path) as again:
        again.ticks(5)
        assert again.states(job_id) == ["completed"]
        assert sum(one.gpu_seconds for one in again.store.usage(EPOCH)) == 800


def test_a_job_that_the_backup_does_not_know_runs_on_and_its_number_is_given_to_nobody(
    rig: Rig, tmp_path: Path
) -> None:
    backed_up(rig, tmp_path)
    unknown = rig.submit("alpha", gpus=8, sleep_s=600)
    rig.ticks(8)
    with restored(rig, tmp_path) as again:
        again.ticks(2)
        fresh = [again.submit("alpha", gpus=8, sleep_s=600) for _ in range(8)]
        again.ticks(12)
        live = [job for job in again.backend.read(()).jobs if job.job_id == unknown]

        assert [job.state for job in live] == [BackendState.RUNNING]
        assert fresh[0] == SKIPPED_JOB_IDS + 1
        # It holds a node, which nobody else is sent to.
        assert sorted(again.states(*fresh)) == ["pending"] + ["running"] * 7


def test_nothing_is_submitted_before_slurm_and_its_records_were_read(
    rig: Rig, tmp_path: Path
) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    backed_up(rig, tmp_path)
    rig.ticks(8)
    rig.backend.stop_answering()
    with restored(rig, tmp_path) as again:
        with pytest.raises(BackendUnavailable):
            again.engine.tick()
        assert again.store.restoration() is not None
        rig.backend.answer()
        again.ticks(8)
        assert (again.states(job_id), submissions(again)) == (["running"], {job_id: 1})
        assert again.store.restoration() is None


def test_a_job_cancelled_after_the_backup_ends_as_slurm_says(rig: Rig, tmp_path: Path) -> None:
    job_id = rig.submit("alpha", gpus=8, sleep_s=600)
    backed_up(rig, tmp_path)
    rig.ticks(8)
    rig.store.request_cancel(job_id, rig.clock.now())
    rig.ticks(3)
    with restored(rig, tmp_path) as again:
        again.ticks(3)
        assert again.states(job_id) == ["cancelled"]
        assert submissions(again) == {job_id: 1}


def test_a_backup_taken_at_any_moment_leads_to_the_same_ends(rig: Rig, tmp_path: Path) -> None:
    jobs = [rig.submit(name, gpus=8, sleep_s=20) for name in ("alpha", "beta") * 6]
    rig.ticks(9)
    backed_up(rig, tmp_path)
    rig.ticks(15)
    with restored(rig, tmp_path) as again:
        again.ticks(60)
        assert {JobState(state) for state in again.states(*jobs)} <= TERMINAL
        assert submissions(again) == dict.fromkeys(jobs, 1)
