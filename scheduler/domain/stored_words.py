"""Sentences kept beside jobs and policies as English text: how each is made, and known again.

What a cycle finds out and how a job ended is stored, sealed into receipts and compared, all as
plain text; whoever reads it may want another language. So these templates are the only ones by
which such sentences are made, and by them a stored one is read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from scheduler.domain.dependencies.words import ruling_known_again
from scheduler.texts import Said, entry, listed, said

# What a blocker's numbers are.
HOLDS = entry("{who} holds {held} of at most {most} GPUs, needs {gpus}")
HOLDS_IN_POOL = entry("{who} holds {held} of at most {most} GPUs in {pool}, needs {gpus}")
ELEMENTS_HOLD = entry("{held} elements of at most {most} hold GPUs")
KEPT_FOR_FLOORS = entry(
    "{pool} has {free} GPUs free and keeps {kept} for floors of others, the gang needs {gpus}"
)
NODES_ARE_DOWN = entry("{up} of {needed} nodes needed are up in {pool}, {down} are down or drained")
WENT_TO_OTHERS = entry("{went} of {before} free GPUs in {pool} went to other jobs in this cycle")
TOO_FEW_FREE = entry("{pool} has {free} GPUs free that suit, the gang needs {gpus}")
NOT_TOGETHER = entry(
    "{pool} has {free} GPUs free that suit, the gang needs {gpus}: {fitting} nodes with room for "
    "{node_gpus} GPUs with {cpus} CPUs, it needs {nodes}"
)
HELD_FOR_PLANS = entry("{pool} holds free GPUs for planned starts from {at} UTC on")
RESERVED_FOR = entry(
    "{pool} has {gpus} GPUs reserved for {whom} from {starts} to {ends} UTC by {name}"
)
RESERVED_FOR_NOBODY = entry(
    "{pool} has {gpus} GPUs kept empty for maintenance from {starts} to {ends} UTC by {name}"
)
NO_NODES_HOLD_IT = entry("no pool has nodes that hold this gang")

# What became of a job.
CANCELLED_BEFORE_START = entry("cancelled before it started")
CANCELLED_AS_IT_RAN = entry("cancelled as it ran")
CANCELLED_BEFORE_SLURM = entry("cancelled before Slurm had it")
IS_RECALLED = entry("its GPUs are recalled for {whom}: it ends soon, and waits again")
WAS_RECALLED = entry("recalled for {whom}, waits again")
IS_REQUEUED = entry("its user wants it requeued: it ends now, and waits again")
WAS_REQUEUED = entry("requeued by its user, waits again")
NOT_LET_GO = entry("Slurm would not let it go: it waits again")
ENDED_TOO_EARLY = entry("Slurm ended it before its code began: it waits again")
UNKNOWN_TO_SLURM = entry("Slurm knows nothing of this job any more")
FORGOTTEN = entry("Slurm forgot it before it ran: it is submitted again")
NOT_SHOWN = entry("Slurm shows it no more; the record of its end is waited for")
CHANGED_IN_SLURM = entry("changed in Slurm after it was admitted: {changes}")
NODES_LEFT = entry("{nodes} left the cluster before the job came there")
REFUSED_BY_SLURM = entry("Slurm refused it: {message}")
NEVER_MET = entry("its dependency can never be met: {ruling}")
FOUND_AFTER_RESTORE = entry("found in Slurm after the database was restored")

# Why a policy is in force.
CANARY_OF = entry("canary of proposal {number} for {classes}: {why}")
FLOOR_REGRESSED = entry(
    "rolled back by itself: the floor of {who} in {pool} was missed for {minutes} min"
)
ENTITLEMENT_REGRESSED = entry(
    "rolled back by itself: {who} had {now} % of its entitlement in {pool}, and {then} % without it"
)
ENTITLEMENT_FELL = entry(
    "rolled back by itself: {who} had {now} % of its entitlement in {pool}, and {then} % before, "
    "while it was in shadow"
)
IDLE_REGRESSED = entry(
    "rolled back by itself: {now} % of {pool} stood idle that the version before would use"
)
LEFT_BEFORE_START = entry("cancelled before it started: {ending}")

# Whose access ended, and when: alone beside a job that waits, and part of LEFT_BEFORE_START.
ORGANISATION_EXPIRED = entry("the access of organisation {name} ended with {day}")
PROJECT_EXPIRED = entry("the access of project {name} ended with {day}")
USER_EXPIRED = entry("the access of user {name} ended with {day}")
ORGANISATION_LEFT = entry("organisation {name} was off-boarded on {day}")
PROJECT_LEFT = entry("project {name} was off-boarded on {day}")
USER_LEFT = entry("user {name} was off-boarded on {day}")

# What a job's user changed in Slurm: parts of CHANGED_IN_SLURM, with commas between them.
GPUS_INSTEAD = entry("{asked} GPUs instead of {admitted}")
CPUS_INSTEAD = entry("{asked} CPUs instead of {admitted}")
MIB_INSTEAD = entry("{asked} MiB instead of {admitted}")
ANY_NODES_INSTEAD = entry("nodes of any name instead of {admitted}")
NODES_INSTEAD = entry("nodes {asked} instead of {admitted}")
NO_END_INSTEAD = entry("unlimited minutes instead of {admitted}")
MINUTES_INSTEAD = entry("{asked} minutes instead of {admitted}")

CHANGES = (
    *(GPUS_INSTEAD, CPUS_INSTEAD, MIB_INSTEAD, ANY_NODES_INSTEAD, NODES_INSTEAD, NO_END_INSTEAD),
    MINUTES_INSTEAD,
)
ENDINGS = (
    *(ORGANISATION_EXPIRED, PROJECT_EXPIRED, USER_EXPIRED),
    *(ORGANISATION_LEFT, PROJECT_LEFT, USER_LEFT),
)
TEMPLATES = (
    *(*ENDINGS, LEFT_BEFORE_START),
    *(HOLDS_IN_POOL, HOLDS, ELEMENTS_HOLD, KEPT_FOR_FLOORS, NODES_ARE_DOWN, WENT_TO_OTHERS),
    *(NOT_TOGETHER, TOO_FEW_FREE, HELD_FOR_PLANS, NO_NODES_HOLD_IT, CANCELLED_BEFORE_START),
    *(RESERVED_FOR, RESERVED_FOR_NOBODY),
    *(
        CANCELLED_AS_IT_RAN,
        CANCELLED_BEFORE_SLURM,
        IS_RECALLED,
        WAS_RECALLED,
        IS_REQUEUED,
        WAS_REQUEUED,
        NOT_LET_GO,
        ENDED_TOO_EARLY,
    ),
    *(UNKNOWN_TO_SLURM, FORGOTTEN, NOT_SHOWN, CHANGED_IN_SLURM, NODES_LEFT, REFUSED_BY_SLURM),
    *(NEVER_MET, FOUND_AFTER_RESTORE),
    *(CANARY_OF, FLOOR_REGRESSED, ENTITLEMENT_REGRESSED, ENTITLEMENT_FELL, IDLE_REGRESSED),
    *CHANGES,
)
_OF_ALL = range(len(TEMPLATES))
_OF_ENDINGS = range(len(ENDINGS))
_OF_CHANGES = _OF_ALL[-len(CHANGES) :]


def _parts(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is said whatever the values, and the values' names between that."""
    pieces = re.split(r"\{(\w+)\}", template)
    return tuple(pieces[::2]), tuple(pieces[1::2])


_PARTS = {template: _parts(template) for template in TEMPLATES}


def values_in(text: str, template: str) -> dict[str, str] | None:
    """Return the shortest values, none empty, that make the text of the template; None: none do.

    Texts hold what users wrote, so each part is looked for once, from where the last one ended.
    """
    (first, *others), names = _PARTS[template]
    if not names:
        return {} if text == first else None
    *middle, last = others
    if not (text.startswith(first) and text.endswith(last)):
        return None
    begin, end = len(first), len(text) - len(last)
    values: list[str] = []
    for part in middle:
        place = text.find(part, begin + 1, end)
        if place < 0:
            return None
        values.append(text[begin:place])
        begin = place + len(part)
    return dict(zip(names, (*values, text[begin:end]), strict=True)) if begin < end else None


def _known_as(text: str, places: Iterable[int]) -> Said:
    for place in places:
        if (values := values_in(text, TEMPLATES[place])) is not None:
            return said(TEMPLATES[place], **dict(_told(values)))
    return ruling_known_again(text) or Said(text)


def _told(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in values.items():
        match name:
            case "changes":
                yield name, listed(_known_as(one, _OF_CHANGES) for one in text.split(", "))
            case "ending":
                yield name, _known_as(text, _OF_ENDINGS)
            case "ruling":
                yield name, ruling_known_again(text) or text
            case _:
                yield name, text


@lru_cache(maxsize=4096)
def known_again(text: str) -> Said:
    """Return a stored sentence as it was made; a text that is none of them, as it is."""
    return _known_as(text, _OF_ALL)
