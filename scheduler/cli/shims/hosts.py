"""Names of nodes in Slurm's short form: n[1-3,7]."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_NUMBERED = re.compile(r"(.*?)(\d+)", re.DOTALL)


def host_list(names: Iterable[str]) -> str:
    """Return the names in short; those that end alike in a number are joined."""
    groups: dict[tuple[str, int], list[int]] = {}
    plain: list[str] = []
    for name in names:
        found = _NUMBERED.fullmatch(name)
        if found is None:
            plain.append(name)
            continue
        # Numbers with leading zeros keep their width, and stand apart from those without.
        width = len(found[2]) if found[2].startswith("0") else 0
        groups.setdefault((found[1], width), []).append(int(found[2]))
    return ",".join([*plain, *(_group(*key, numbers) for key, numbers in groups.items())])


def _group(prefix: str, width: int, numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"{prefix}{numbers[0]:0{width}d}"
    return f"{prefix}[{','.join(_ranges(sorted(numbers), width))}]"


def _ranges(numbers: Sequence[int], width: int) -> Iterator[str]:
    first = last = numbers[0]
    for number in (*numbers[1:], None):
        if number == last + 1:
            last = number
            continue
        one, other = f"{first:0{width}d}", f"{last:0{width}d}"
        yield one if first == last else f"{one}-{other}"
        first = last = number or 0
