"""Where a stream is in a file that may grow, be cut, or not be there yet."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.output import MEANINGS, FileProblem, OutputNews, OutputStatus, Piece
from scheduler.errors import OutputUnreadable
from scheduler.texts import listed

CHUNK_BYTES = 64 * 1024


class Cursor:
    """Makes a stream's messages of pieces that are read at its offset, up to so many bytes."""

    def __init__(self, offset: int, limit_bytes: int) -> None:
        self.offset = offset
        self.left_bytes = limit_bytes
        self.is_over = False
        self.is_at_end = False
        self._told: OutputStatus | None = None

    def nothing(
        self, status: OutputStatus, path: str, *, is_last_look: bool
    ) -> Iterator[OutputNews]:
        """Yield, once, that there is nothing to read; at the last look the stream ends with it."""
        self.is_at_end = True
        self.is_over = is_last_look
        if self._told is not status:
            self._told = status
            yield OutputNews(status, path, self.offset)

    def take(self, piece: Piece, *, is_last_look: bool) -> Iterator[OutputNews]:
        """Yield what the piece means. Raises OutputUnreadable."""
        if piece.problem is FileProblem.MISSING:
            yield from self.nothing(OutputStatus.NO_FILE, piece.path, is_last_look=is_last_look)
            return
        if piece.problem is not None:
            raise OutputUnreadable(
                piece.path, listed((MEANINGS[piece.problem], f"({piece.message})"), " ")
            )
        self._told = None
        if piece.size_bytes < self.offset:
            self.offset = 0
            yield self._news(OutputStatus.SHORTER, piece)
            self.is_at_end = piece.size_bytes == 0
        else:
            yield from self._data(piece)
            # Where nothing is read is the end, whatever size is told: of files in /sys it is a lie.
            self.is_at_end = self.offset >= piece.size_bytes or not piece.data
        yield from self._end(piece, is_last_look=is_last_look)

    def _data(self, piece: Piece) -> Iterator[OutputNews]:
        for first in range(0, len(piece.data), CHUNK_BYTES):
            data = piece.data[first : first + CHUNK_BYTES]
            yield self._news(OutputStatus.DATA, piece, data)
            self.offset += len(data)
            self.left_bytes -= len(data)

    def _end(self, piece: Piece, *, is_last_look: bool) -> Iterator[OutputNews]:
        if self.is_at_end and is_last_look:
            yield self._news(OutputStatus.READ, piece)
            self.is_over = True
        elif self.left_bytes <= 0:
            yield self._news(OutputStatus.CUT, piece)
            self.is_over = True

    def _news(self, status: OutputStatus, piece: Piece, data: bytes = b"") -> OutputNews:
        return OutputNews(status, piece.path, self.offset, piece.size_bytes, data)


def start_of_lines(data: bytes, lines: int) -> int:
    """Return where the last so many lines begin; 0 where there are no more than these."""
    end = len(data) - data.endswith(b"\n")
    for _ in range(lines):
        end = data.rfind(b"\n", 0, max(0, end))
        if end < 0:
            return 0
    return end + 1
