"""What a simulated cluster's jobs would have written: nothing runs there, and no file is read."""

from __future__ import annotations

from scheduler.domain.output import Piece, Wanted

LINES = 5


class PretendedOutput:
    """Fulfils `ports.OutputReader` with a few lines that are the same each time."""

    def read(self, wanted: Wanted) -> Piece:
        """Return a piece of what the job at this path would have written."""
        lines = (f"simulated step {number} of {LINES}\n" for number in range(1, LINES + 1))
        text = "".join(lines).encode()
        data = text[wanted.offset : wanted.offset + wanted.limit_bytes]
        return Piece(wanted.path, data, len(text))
