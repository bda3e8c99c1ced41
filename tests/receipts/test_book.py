"""Which receipts are kept, for how long, and what happens when they cannot be."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from scheduler.deciders import decide_again
from scheduler.domain.receipts import Link
from scheduler.errors import NotFound
from scheduler.receipts.book import MAX_WAITING, ReceiptBook
from scheduler.receipts.chain import FILE
from scheduler.receipts.folder import MIB, Bounds, ReceiptFolder
from scheduler.receipts.sealing import link_digest, opened
from scheduler.receipts.verify import verify
from tests.receipts.cycles import BY_HAND, a_cycle, a_report, cycles_of, receipts_in, written


def chain_holds(receipts: list[bytes]) -> bool:
    """Say whether all of them hold, each after the one before."""
    pairs = zip(receipts, [None, *map(opened, receipts)], strict=False)
    return all(verify(content, before, decide_again).holds for content, before in pairs)


def links_in(receipts: list[bytes]) -> list[Link]:
    whole = [opened(content) for content in receipts]
    return [link for receipt in whole for link in (*receipt.since, receipt.link)]


def test_idle_cycles_are_kept_now_and_then_and_the_others_when_they_start_jobs(
    tmp_path: Path,
) -> None:
    cycles = [a_cycle(number, *([2] if number == 9 else [])) for number in range(1, 14)]

    receipts = written(tmp_path, *cycles, bounds=Bounds(idle_cycles=5))

    assert cycles_of(receipts) == [1, 6, 9]
    assert [link.cycle for link in links_in(receipts)] == list(range(1, 10))
    assert chain_holds(receipts)


def test_a_new_run_goes_on_with_the_chain(tmp_path: Path) -> None:
    written(tmp_path, a_cycle(1, 2), a_cycle(2), a_cycle(3))
    receipts = written(tmp_path, a_cycle(4), a_cycle(5, 8))

    assert cycles_of(receipts) == [1, 4, 5]
    assert [link.cycle for link in links_in(receipts)] == [1, 2, 3, 4, 5]
    assert chain_holds(receipts)


@pytest.mark.parametrize("left", [b"", b'{"cycle": 1, "tak'], ids=["gone", "cut short"])
def test_a_crash_before_the_chains_file_is_written_breaks_nothing(
    tmp_path: Path, left: bytes
) -> None:
    written(tmp_path, a_cycle(1, 2))
    (tmp_path / FILE).write_bytes(left)

    receipts = written(tmp_path, a_cycle(2, 2))

    assert len(receipts) == 2
    assert chain_holds(receipts)


def test_a_receipt_kept_just_before_a_crash_is_taken_in(tmp_path: Path) -> None:
    written(tmp_path, a_cycle(1, 2))
    before = (tmp_path / FILE).read_bytes()
    written(tmp_path, a_cycle(2, 2))
    (tmp_path / FILE).write_bytes(before)

    receipts = written(tmp_path, a_cycle(3, 2))

    assert cycles_of(receipts) == [1, 2, 3]
    assert chain_holds(receipts)


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    cycles = [a_cycle(number, 2) for number in range(1, 8)]

    receipts = written(tmp_path, *cycles, bounds=Bounds(receipts=3))

    assert cycles_of(receipts) == [5, 6, 7]
    assert chain_holds(receipts)


def test_the_oldest_go_when_they_take_too_much_room(tmp_path: Path) -> None:
    folder = ReceiptFolder(tmp_path, Bounds(mib=2))
    for cycle in range(1, 4):
        folder.keep(cycle, "0123456789ab", bytes(MIB))
    assert [folder.find(0).cycle, folder.find(0).previous_cycle] == [3, 2]
    with pytest.raises(NotFound):
        folder.find(1)

    ReceiptFolder(tmp_path, Bounds(mib=2)).keep(4, "0123456789ab", bytes(3 * MIB))
    assert (folder.find(0).cycle, folder.find(4).previous_cycle) == (4, 0)


def test_a_disk_that_refuses_is_counted_and_the_chain_survives_it(tmp_path: Path) -> None:
    folder = tmp_path / "receipts"
    book = ReceiptBook(folder, BY_HAND)
    keep(book, 1)
    shutil.rmtree(folder)
    keep(book, 2)
    folder.mkdir()
    keep(book, 3)
    book.close()

    assert (book.head().kept, book.head().failed, book.head().skipped) == (2, 1, 0)
    assert [link.cycle for link in links_in(receipts_in(folder))] == [2, 3]


def keep(book: ReceiptBook, number: int) -> None:
    """Hand a cycle with a start in, and wait until it is written or refused."""
    before = book.head().kept + book.head().failed
    snapshot = a_cycle(number, 2)
    book.keep(snapshot, a_report(snapshot))
    deadline = time.monotonic() + 10
    while book.head().kept + book.head().failed == before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_writer_that_hangs_holds_no_cycle_back(tmp_path: Path) -> None:
    book = ReceiptBook(tmp_path, BY_HAND)
    keep(book, 1)
    (tmp_path / FILE).unlink()
    os.mkfifo(tmp_path / FILE)  # opening it blocks until somebody reads
    began = time.monotonic()
    for number in range(2, 12):
        snapshot = a_cycle(number)
        book.keep(snapshot, a_report(snapshot))
    took_s = time.monotonic() - began
    with (tmp_path / FILE).open("rb"):
        book.close()

    assert book.head().skipped == 10 - MAX_WAITING
    assert took_s < 5


def test_a_closed_book_takes_nothing_and_raises_nothing(tmp_path: Path) -> None:
    book = ReceiptBook(tmp_path, BY_HAND)
    book.close()
    snapshot = a_cycle(1, 2)
    book.keep(snapshot, a_report(snapshot))

    assert (book.head().cycle, book.head().skipped) == (0, 1)


def test_the_head_is_the_newest_link_whether_kept_or_not(tmp_path: Path) -> None:
    book = ReceiptBook(tmp_path, BY_HAND)
    for number in (1, 2):
        snapshot = a_cycle(number)
        book.keep(snapshot, a_report(snapshot))
    book.close()

    (kept,) = receipts_in(tmp_path)
    assert (book.head().cycle, book.head().kept) == (2, 1)
    assert book.head().sha256 != link_digest(opened(kept).link)
    assert ReceiptBook(tmp_path, BY_HAND).head().sha256 == book.head().sha256


def test_a_cycle_without_a_receipt_is_not_found(tmp_path: Path) -> None:
    book = ReceiptBook(tmp_path, BY_HAND)

    for cycle in (0, 7):
        with pytest.raises(NotFound):
            book.find(cycle)
