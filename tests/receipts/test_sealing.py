"""A receipt's file: any damage to it is seen."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.receipts.codec import Unreadable, encode
from scheduler.receipts.sealing import MAGIC, Opened, opened, with_digest
from tests.receipts.cycles import a_cycle, written


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    (receipt,) = written(tmp_path_factory.mktemp("receipts"), a_cycle(1, 8, 4, 2, 16))
    return receipt


def test_what_was_sealed_can_be_opened(content: bytes) -> None:
    receipt = opened(content)

    assert isinstance(receipt, Opened)
    assert (receipt.link.cycle, receipt.link.previous, receipt.since) == (1, "", ())
    assert receipt.altered_parts() == ()


@given(st.data())
def test_a_flipped_bit_anywhere_is_caught(content: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(content) * 8 - 1))
    damaged = bytearray(content)
    damaged[place // 8] ^= 1 << place % 8

    with pytest.raises(Unreadable, match="damaged"):
        opened(bytes(damaged))


@given(st.data())
def test_a_receipt_that_was_cut_short_is_caught(content: bytes, data: st.DataObject) -> None:
    with pytest.raises(Unreadable):
        opened(content[: data.draw(st.integers(0, len(content) - 1))])


@given(st.binary(min_size=1, max_size=20))
def test_more_bytes_at_the_end_are_caught(content: bytes, more: bytes) -> None:
    with pytest.raises(Unreadable, match="damaged"):
        opened(content + more)


@given(st.binary(max_size=200))
@example(MAGIC)
@example(with_digest(b"no compressed bytes"))
def test_what_is_no_receipt_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        opened(content)


def test_a_well_sealed_file_of_something_else_is_refused() -> None:
    for body in (b"", encode({"snapshot": 1}), encode(3), b"\xc1"):
        with pytest.raises(Unreadable):
            opened(with_digest(zlib.compress(body)))
