"""What strikes a replica amid a tick, and at which of its calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.domain.records import CycleRecord

# The calls that change something for good, in the store or in Slurm: what happens around them is
# what a protocol is about, and each is one of many in a tick, or in none.
CHANGES = ("record_cycle", "apply", "sbatch_as", "scontrol update", "scontrol release", "scancel")


@dataclass(slots=True)
class Interruption:
    """What happens around one call to come: the so manieth, or of those at a `moment`."""

    what: Callable[[], None]
    calls_left: int
    moment: str = ""

    def is_due(self, moment: str) -> bool:
        """Count a call, and say whether it is the one."""
        if self.moment in ("", moment):
            self.calls_left -= 1
        return self.calls_left <= 0


def moment_of(call: str, arguments: Sequence[Any]) -> str:
    """Return the name under which a call can be waited for: a write of nothing has another."""
    match call, *arguments:
        case "apply", [], *_:
            return "nothing to apply"
        case "record_cycle", CycleRecord() as record, *_ if not record.allocation.starts:
            return "nothing to start"
        case "ask" | "answer", "scontrol", verb, *_:
            return f"scontrol {verb}"
        case "ask" | "answer", program, *_:
            return str(program)
    return call
