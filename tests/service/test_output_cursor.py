"""Where a stream of output is: pieces become messages, and no byte comes twice or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.output import FileProblem, OutputNews, OutputStatus, Piece
from scheduler.errors import OutputUnreadable
from scheduler.use_cases.output_cursor import CHUNK_BYTES, Cursor, start_of_lines

PATH = "/home/aigerim/slurm-1.out"


def look(cursor: Cursor, file: bytes, *, last: bool, piece_bytes: int = 7) -> list[OutputNews]:
    """Read as a stream does in one look."""
    told: list[OutputNews] = []
    cursor.is_at_end = False
    while not (cursor.is_at_end or cursor.is_over):
        limit = min(piece_bytes, cursor.left_bytes)
        data = file[cursor.offset : cursor.offset + limit]
        told += cursor.take(Piece(PATH, data, len(file)), is_last_look=last)
    return told


def statuses(told: list[OutputNews]) -> list[OutputStatus]:
    return [news.status for news in told if news.status is not OutputStatus.DATA]


def data_of(told: list[OutputNews]) -> bytes:
    return b"".join(news.data for news in told)


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=4), st.integers(1, 9))
def test_a_growing_file_arrives_whole(file: bytes, sizes: list[int], piece_bytes: int) -> None:
    cursor, told = Cursor(0, 10_000), list[OutputNews]()
    for size in sorted(sizes):
        told += look(cursor, file[:size], last=False, piece_bytes=piece_bytes)
    told += look(cursor, file, last=True, piece_bytes=piece_bytes)

    assert data_of(told) == file
    assert statuses(told) == [OutputStatus.READ]
    assert all(news.data == file[news.offset : news.offset + len(news.data)] for news in told)


def test_a_file_that_became_shorter_is_told_and_read_from_its_beginning() -> None:
    cursor = Cursor(0, 10_000)
    look(cursor, b"a long first run", last=False)

    told = look(cursor, b"anew", last=True)

    assert statuses(told) == [OutputStatus.SHORTER, OutputStatus.READ]
    assert data_of(told) == b"anew"


@given(st.binary(min_size=1, max_size=60), st.integers(1, 20))
def test_whoever_asks_again_where_it_was_cut_gets_the_rest(file: bytes, limit: int) -> None:
    got, offset, ended = b"", 0, False
    while not ended:
        told = look(Cursor(offset, limit), file, last=True)
        assert len(data_of(told)) <= limit
        got += data_of(told)
        offset, ended = told[-1].offset, told[-1].status is OutputStatus.READ

    assert got == file


@pytest.mark.parametrize("last", [True, False])
def test_a_file_that_gives_less_than_its_size_ends_where_it_gives_nothing(last: bool) -> None:
    cursor, told, pieces = Cursor(0, 10_000), list[OutputNews](), 0
    while not (cursor.is_at_end or cursor.is_over) and pieces < 9:
        data = b"always [madvise] never\n"[cursor.offset :]
        told += cursor.take(Piece(PATH, data, size_bytes=4096), is_last_look=last)
        pieces += 1

    assert pieces == 2
    assert data_of(told) == b"always [madvise] never\n"
    assert statuses(told) == ([OutputStatus.READ] if last else [])


def test_no_message_carries_more_than_a_chunk() -> None:
    file = bytes(3 * CHUNK_BYTES + 1)

    told = look(Cursor(0, len(file)), file, last=True, piece_bytes=len(file))

    assert max(len(news.data) for news in told) == CHUNK_BYTES
    assert data_of(told) == file


def test_a_file_that_is_not_there_is_told_once() -> None:
    cursor, missing = Cursor(0, 100), Piece(PATH, problem=FileProblem.MISSING)

    told = [*cursor.take(missing, is_last_look=False), *cursor.take(missing, is_last_look=False)]

    assert statuses(told) == [OutputStatus.NO_FILE]
    assert data_of(look(cursor, b"there", last=True)) == b"there"


def test_a_file_that_may_not_be_read_is_an_error_that_names_it() -> None:
    piece = Piece(PATH, problem=FileProblem.FORBIDDEN, message="Permission denied")

    with pytest.raises(OutputUnreadable, match=f"{PATH}: .*account may not read it"):
        list(Cursor(0, 100).take(piece, is_last_look=True))


@pytest.mark.parametrize(
    ("data", "lines", "rest"),
    [
        (b"1\n2\n3\n", 2, b"2\n3\n"),
        (b"1\n2\n3", 2, b"2\n3"),
        (b"1\n2\n", 9, b"1\n2\n"),
        (b"\n\n\n", 1, b"\n"),
        (b"", 1, b""),
    ],
)
def test_the_last_lines_begin_after_a_line_end(data: bytes, lines: int, rest: bytes) -> None:
    assert data[start_of_lines(data, lines) :] == rest
