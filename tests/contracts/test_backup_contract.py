"""Backups of every database that lasts: made while it is used, checked, and restored whole."""

from __future__ import annotations

import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.domain.adopting import Restoration
from scheduler.domain.jobs import JobState
from scheduler.domain.records import Transition
from scheduler.errors import NotLeading, StoreUnavailable
from scheduler.store.backups.archive import MANIFEST, PAYLOAD, Manifest
from scheduler.store.backups.backup import make_backup, restore_backup
from scheduler.store.backups.marks import SKIPPED_JOB_IDS
from scheduler.store.sql import open_store
from tests.build import NOON, at
from tests.store.build import a_new, add, start

LATER = NOON + timedelta(hours=2)


def backed_up(url: str, file: Path) -> Manifest:
    return make_backup(url, file, "1.2.3", at(60))


def restored(url: str, file: Path, *, replace: bool = True) -> Manifest:
    return restore_backup(url, file, LATER, replace=replace)


def test_a_backup_is_made_while_the_store_is_used_and_brings_its_jobs_back(
    lasting_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "b.tar"
    store = open_store(lasting_url)
    kept = add(store, a_new("r1"))
    made = backed_up(lasting_url, file)
    add(store, a_new("r2"))
    installation = store.installation()
    store.close()
    assert (made.version, made.installation) == ("1.2.3", installation)
    assert file.stat().st_mode & 0o777 == 0o600

    assert restored(lasting_url, file) == made
    store = open_store(lasting_url)
    assert [job.job_id for job in store.pending()] == [kept.job_id]
    assert store.restoration() == Restoration(LATER, at(60))
    assert add(store, a_new("r1")).job_id == kept.job_id
    assert add(store, a_new("r2")).job_id == kept.job_id + 1 + SKIPPED_JOB_IDS
    store.close()


def test_who_led_the_state_that_was_replaced_leads_no_more(
    lasting_url: str, tmp_path: Path
) -> None:
    store = open_store(lasting_url)
    assert store.take_lease("first", 600) == 1
    backed_up(lasting_url, tmp_path / "b.tar")
    old = store.take_lease("first", 600)
    assert old == 2
    store.close()
    restored(lasting_url, tmp_path / "b.tar")

    store = open_store(lasting_url)
    new = store.take_lease("second", 600)
    assert new is not None
    assert new > old
    assert not store.renew_lease(old, 600)
    with pytest.raises(NotLeading):
        store.apply([Transition(1, JobState.LOST, LATER)], old)
    store.close()


def test_adopting_ends_the_restoration_and_skips_the_numbers_that_were_seen(
    lasting_url: str, tmp_path: Path
) -> None:
    open_store(lasting_url).close()
    backed_up(lasting_url, tmp_path / "b.tar")
    restored(lasting_url, tmp_path / "b.tar")
    store = open_store(lasting_url)
    store.adopt((), 5 * SKIPPED_JOB_IDS, LATER)
    assert store.restoration() is None
    assert add(store).job_id == 5 * SKIPPED_JOB_IDS + 1
    store.adopt((), 3, LATER)
    assert add(store).job_id == 5 * SKIPPED_JOB_IDS + 2
    store.close()


def test_a_backup_of_a_restored_database_still_tells_of_the_first_moment(
    lasting_url: str, tmp_path: Path
) -> None:
    open_store(lasting_url).close()
    backed_up(lasting_url, tmp_path / "first.tar")
    restored(lasting_url, tmp_path / "first.tar")
    make_backup(lasting_url, tmp_path / "second.tar", "1.2.3", LATER)
    restored(lasting_url, tmp_path / "second.tar")
    store = open_store(lasting_url)
    restoration = store.restoration()
    assert restoration is not None
    assert restoration.backup_of == at(60)
    store.close()


def test_a_database_in_use_is_not_replaced(lasting_url: str, tmp_path: Path) -> None:
    store = open_store(lasting_url)
    backed_up(lasting_url, tmp_path / "b.tar")
    job = add(store)
    with pytest.raises(StoreUnavailable, match="stop the service first"):
        restored(lasting_url, tmp_path / "b.tar")
    assert [one.job_id for one in store.pending()] == [job.job_id]
    store.close()


def test_data_is_given_up_only_when_it_is_said(lasting_url: str, tmp_path: Path) -> None:
    open_store(lasting_url).close()
    backed_up(lasting_url, tmp_path / "b.tar")
    with pytest.raises(StoreUnavailable, match=r"holds data already; .* --replace"):
        restored(lasting_url, tmp_path / "b.tar", replace=False)


def test_running_jobs_come_back_with_their_places(lasting_url: str, tmp_path: Path) -> None:
    store = open_store(lasting_url)
    begun = start(store, add(store))
    backed_up(lasting_url, tmp_path / "b.tar")
    store.close()
    restored(lasting_url, tmp_path / "b.tar")
    store = open_store(lasting_url)
    assert [job.placement for job in store.holding()] == [begun.placement]
    store.close()


def test_an_existing_file_is_never_written_over(lasting_url: str, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    file.write_text("the only other backup")
    with pytest.raises(FileExistsError, match="exists already; name a new file"):
        backed_up(lasting_url, file)
    assert file.read_text() == "the only other backup"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_database_that_is_not_there_leaves_no_file(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        missing = f"sqlite:///{tmp_path / 'none.db'}"
    else:
        missing = request.getfixturevalue("postgres_url").replace("tendik_", "none_")
    with pytest.raises(StoreUnavailable, match=r"cannot be opened|does not exist"):
        backed_up(missing, tmp_path / "b.tar")
    assert list(tmp_path.iterdir()) == []


def damaged(file: Path, how: str) -> Path:
    content = bytearray(file.read_bytes())
    if how == "altered":
        with tarfile.open(file) as tar:
            offset = tar.getmember(PAYLOAD).offset_data
        content[offset + 200] ^= 1
    file.write_bytes(content[: len(content) // 2] if how == "cut" else content)
    return file


FAULTS = {"altered": "it is damaged|is damaged", "cut": "not a whole one|is damaged"}


@pytest.mark.parametrize(("how", "message"), FAULTS.items())
def test_a_backup_that_is_not_as_it_was_written_is_refused(
    lasting_url: str, tmp_path: Path, how: str, message: str
) -> None:
    store = open_store(lasting_url)
    add(store)
    store.close()
    backed_up(lasting_url, tmp_path / "b.tar")
    with pytest.raises(StoreUnavailable, match=message):
        restored(lasting_url, damaged(tmp_path / "b.tar", how))
    store = open_store(lasting_url)
    assert (len(store.pending()), store.restoration()) == (1, None)
    store.close()


def test_a_file_that_is_no_backup_is_named(lasting_url: str, tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("chapter one\n" * 1000)
    with pytest.raises(StoreUnavailable, match="thesis is no backup"):
        restored(lasting_url, tmp_path / "thesis")


def test_the_manifest_can_be_read_without_the_service(lasting_url: str, tmp_path: Path) -> None:
    open_store(lasting_url).close()
    backed_up(lasting_url, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert tar.getnames() == [MANIFEST, PAYLOAD]
