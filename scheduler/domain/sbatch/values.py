"""Values of sbatch options, from text to numbers; each reader raises ValueError saying the mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from scheduler.domain.recalls.notices import NoticeSignal, Receiver
from scheduler.domain.requests import Memory, MemoryPer
from scheduler.texts import said

MAX_COUNT = 1_000_000
MAX_MEMORY_MIB = 1024**3
MAX_WALLTIME_S = 366 * 24 * 3600
MAX_NAME_LENGTH = 200
MAX_ARRAY_INDEX = 4_000_000
MAX_ARRAY_ELEMENTS = 100_000

_COUNT = re.compile(r"[0-9]{1,18}")
_NODES = re.compile(
    r"(?P<least>[0-9]{1,18})(?P<unit>[km]?)(-(?P<most>[0-9]{1,18})(?P<unit2>[km]?))?"
)
_MEMORY = re.compile(r"(?P<count>[0-9]{1,18})(?:(?P<unit>[kmgt])b?)?", re.IGNORECASE)
_DAYS = re.compile(r"(?P<d>[0-9]{1,9})-(?P<h>[0-9]{1,9})(:(?P<m>[0-9]{1,9})(:(?P<s>[0-9]{1,9}))?)?")
_HOURS = re.compile(r"((?P<h>[0-9]{1,9}):(?=.*:))?(?P<m>[0-9]{1,9})(:(?P<s>[0-9]{1,9}))?")
_GPUS = re.compile(r"((?P<type>[A-Za-z0-9_.+-]+):)?(?P<count>[0-9]{1,18})")
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
_RANGE = re.compile(r"(?P<first>[0-9]{1,9})(-(?P<last>[0-9]{1,9})(:(?P<step>[0-9]{1,9}))?)?")
_SIGNAL = re.compile(r"((?P<to>R|B|RB|BR):)?(?P<signal>[A-Za-z0-9]+)(@(?P<seconds>[0-9]{1,9}))?")
# The names that Slurm knows; their numbers go up to 64.
SIGNALS = (
    *("HUP", "INT", "QUIT", "ABRT", "KILL", "USR1", "USR2", "ALRM", "TERM", "CONT", "STOP"),
    *("TSTP", "TTIN", "TTOU", "URG", "XCPU"),
)
MAX_SIGNAL, MAX_SIGNAL_S = 64, 65535
_SPECIAL_IN_CONSTRAINT = re.compile(r"[*()\[\]]")


@dataclass(frozen=True, slots=True)
class TypedGpus:
    """A number of GPUs, of one type or of any (empty)."""

    count: int
    gpu_type: str = ""


@dataclass(frozen=True, slots=True)
class Array:
    """An array as it was written; ranges may overlap."""

    ranges: tuple[range, ...]
    limit: int = 0

    def indices(self) -> tuple[int, ...]:
        return tuple(sorted({index for span in self.ranges for index in span}))


def count(text: str) -> int:
    """Read a whole number from 1 to MAX_COUNT."""
    if not _COUNT.fullmatch(text):
        raise ValueError(said("must be a whole number, not {text}", text=shown(text)))
    return _bounded(int(text))


def nodes(text: str) -> int:
    """Read `n` or `n-m` with suffixes k and m; of a range the smaller number."""
    match = _NODES.fullmatch(text)
    if match is None:
        raise ValueError(
            said("must be a number of nodes or a range such as 2-4, not {text}", text=shown(text))
        )
    units = {"": 1, "k": 1024, "m": 1024**2}
    least = _bounded(int(match["least"]) * units[match["unit"]])
    if match["most"] and int(match["most"]) * units[match["unit2"]] < least:
        raise ValueError(
            said(
                "the range {text} ends before it begins; write the smaller number first", text=text
            )
        )
    return least


def gpus(text: str) -> TypedGpus:
    """Read `n` or `type:n`."""
    if "," in text:
        raise ValueError(
            said(
                "one job takes GPUs of one type, not {text}; submit a job for each",
                text=shown(text),
            )
        )
    match = _GPUS.fullmatch(text)
    if match is None:
        raise ValueError(
            said("must be n or type:n, such as 4 or h200:4, not {text}", text=shown(text))
        )
    return TypedGpus(_bounded(int(match["count"])), match["type"] or "")


def gres(text: str) -> TypedGpus:
    """Read `gpu`, `gpu:n`, `gpu:type` or `gpu:type:n`."""
    name, colon, rest = text.partition(":")
    if "," in text:
        raise ValueError(said("only one gpu:type:n may be asked for, not {text}", text=shown(text)))
    if name != "gpu":
        raise ValueError(
            said(
                "only gpu is known, such as gpu:h200:2, not {name}; leave it out", name=shown(name)
            )
        )
    if not colon:
        return TypedGpus(1)
    if _WORD.fullmatch(rest) and not _COUNT.fullmatch(rest):
        return TypedGpus(1, rest)
    return gpus(rest)


def memory_of_node(text: str) -> Memory:
    return Memory(_mib(text), MemoryPer.NODE)


def memory_of_cpu(text: str) -> Memory:
    return Memory(_mib(text), MemoryPer.CPU)


def memory_of_gpu(text: str) -> Memory:
    return Memory(_mib(text), MemoryPer.GPU)


def _mib(text: str) -> int:
    match = _MEMORY.fullmatch(text)
    if match is None:
        raise ValueError(
            said("must be a number with K, M, G or T, such as 64G, not {text}", text=shown(text))
        )
    number, unit = int(match["count"]), (match["unit"] or "m").lower()
    if number == 0:
        raise ValueError(
            said("0 would take a node's whole memory; say how much is needed, such as 64G")
        )
    mib = -(-number // 1024) if unit == "k" else number * {"m": 1, "g": 1024, "t": 1024**2}[unit]
    if mib > MAX_MEMORY_MIB:
        raise ValueError(
            said("must be at most {most} MiB, not {text}", most=MAX_MEMORY_MIB, text=text)
        )
    return mib


def walltime_s(text: str) -> int:
    """Read sbatch's formats of time, rounded up to a full minute as Slurm does."""
    if text == "-1" or text.upper() in ("INFINITE", "UNLIMITED"):
        raise ValueError(
            said("a job needs an end; say how long it runs at most, such as 1-00:00:00")
        )
    seconds = _seconds(text)
    if seconds == 0:
        raise ValueError(
            said("0 would be no limit; say how long the job runs at most, such as 2:00:00")
        )
    if seconds > MAX_WALLTIME_S:
        raise ValueError(said("must be at most 366 days, not {text}", text=text))
    return ceil(seconds / 60) * 60


def _seconds(text: str) -> int:
    match = _DAYS.fullmatch(text) or _HOURS.fullmatch(text)
    if match is None:
        raise ValueError(
            said(
                "must be minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS, such as "
                "2:00:00 for two hours, not {text}",
                text=shown(text),
            )
        )
    parts = match.groupdict()
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(parts.get(unit) or 0) * seconds for unit, seconds in units.items())


def job_name(text: str) -> str:
    if not text or not text.isprintable() or len(text) > MAX_NAME_LENGTH:
        raise ValueError(
            said(
                "must be 1 to {most} printable characters, not {text}",
                most=MAX_NAME_LENGTH,
                text=shown(text),
            )
        )
    return text


def partitions(text: str) -> tuple[str, ...]:
    """Read names separated by commas; a name that comes twice counts once."""
    names = text.split(",")
    if wrong := next((name for name in names if not _WORD.fullmatch(name)), None):
        raise ValueError(
            said("must be names separated by commas, {wrong} is none", wrong=shown(wrong))
        )
    if "" in names:
        raise ValueError(
            said("must be names separated by commas, with none empty, not {text}", text=shown(text))
        )
    return tuple(dict.fromkeys(names))


def constraint(text: str) -> tuple[frozenset[str], ...]:
    """Read features joined by & (or a comma) and |, as alternatives of features.

    Slurm gives neither sign precedence: it reads from left to right, so `a|b&c` is (a or b) and c.
    """
    if _SPECIAL_IN_CONSTRAINT.search(text):
        raise ValueError(
            said(
                "counts, brackets and parentheses are not read; use & and |: {text}",
                text=shown(text),
            )
        )
    alternatives: tuple[frozenset[str], ...] = ()
    joined_by = "|"
    for part in re.split(r"([&|,])", text):
        if part in ("&", "|", ","):
            joined_by = part
        elif not _WORD.fullmatch(part):
            raise ValueError(
                said("must be features joined by & or |, not {text}", text=shown(text))
            )
        elif joined_by == "|":
            alternatives += (frozenset({part}),)
        else:
            alternatives = tuple(wanted | {part} for wanted in alternatives)
    return alternatives


def array(text: str) -> Array:
    """Read indices, ranges with steps, and the limit after %."""
    listed, percent, limit = text.partition("%")
    spans: list[range] = []
    elements = 0
    for part in listed.split(","):
        spans.append(_span(part))
        elements += len(spans[-1])
        if elements > MAX_ARRAY_ELEMENTS:
            raise ValueError(
                said("must have at most {most} elements; split the array", most=MAX_ARRAY_ELEMENTS)
            )
    return Array(tuple(spans), count(limit) if percent else 0)


def _span(text: str) -> range:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(
            said("must be indices such as 0-15, 0-15:4 or 1,3,7%2, not {text}", text=shown(text))
        )
    first = int(match["first"])
    last = int(match["last"] or first)
    step = int(match["step"] or 1)
    if last > MAX_ARRAY_INDEX:
        raise ValueError(
            said("indices go up to {most}, not {last}", most=MAX_ARRAY_INDEX, last=last)
        )
    if last < first or step == 0:
        raise ValueError(
            said(
                "the range {text} is empty; write it as first-last:step, step at least 1", text=text
            )
        )
    return range(first, last + 1, step)


def signal(text: str) -> NoticeSignal:
    """Read `[B:]SIG[@seconds]`; the seconds are for Slurm's warning before the walltime ends."""
    match = _SIGNAL.fullmatch(text)
    if match is None:
        raise ValueError(
            said("must be such as USR1@120 or B:TERM@60, not {text}", text=shown(text))
        )
    name = match["signal"].upper().removeprefix("SIG")
    if not (name in SIGNALS or (name.isdecimal() and 1 <= int(name) <= MAX_SIGNAL)):
        known = ", ".join(SIGNALS)
        raise ValueError(
            said(
                "{signal} is no signal that Slurm knows: {known}",
                signal=shown(match["signal"]),
                known=known,
            )
        )
    if match["seconds"] and int(match["seconds"]) > MAX_SIGNAL_S:
        raise ValueError(
            said(
                "a signal comes at most {most} s before the end, not {text}",
                most=MAX_SIGNAL_S,
                text=text,
            )
        )
    return NoticeSignal(name, Receiver.SCRIPT if "B" in (match["to"] or "") else Receiver.TASKS)


def directory(text: str) -> str:
    if not text:
        raise ValueError(said("must not be empty; leave it out for the caller's own directory"))
    return text


def yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError(f"must be yes or no, not {shown(text)}")
    return text.lower() == "yes"


def account(text: str) -> str:
    """Read the name of an account; Slurm makes no difference between capitals and others."""
    return text.lower()


def quality_of_service(text: str) -> str:
    if text.lower() != "normal":
        raise ValueError(
            f"there is normal alone, not {shown(text)}: shares decide who goes first; leave it out"
        )
    return "normal"


def _bounded(number: int) -> int:
    if not 1 <= number <= MAX_COUNT:
        raise ValueError(
            said("must be from 1 to {most}, not {number}", most=MAX_COUNT, number=number)
        )
    return number


def shown(text: str) -> str:
    """Return the text quoted and cut, so that a message stays readable whatever was sent."""
    return repr(text if len(text) <= 60 else text[:57] + "…")
