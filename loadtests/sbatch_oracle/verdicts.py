"""The two readings of a case, judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from loadtests.sbatch_oracle.cases import Case
from loadtests.sbatch_oracle.listing import (
    KILLS,
    kill_difference,
    listing_differences,
    receiver_difference,
)
from loadtests.sbatch_oracle.ours import OurReading, our_reading
from loadtests.sbatch_oracle.real import STARTS_ON, RealReading, RealSbatch
from loadtests.sbatch_oracle.record import record_differences
from scheduler.domain.sbatch.reading import notice_signal


class Verdict(StrEnum):
    """How the two readings stand to each other."""

    AGREES = "agrees"
    REFUSED_BY_US = "refused by us"
    REFUSED_BY_BOTH = "refused by both"
    DIFFERENT = "SILENTLY DIFFERENT"
    ACCEPTED_ALONE = "WE ACCEPT WHAT SBATCH REFUSES"


BAD = frozenset({Verdict.DIFFERENT, Verdict.ACCEPTED_ALONE})


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its verdict, and in words what the verdict rests on."""

    case: Case
    verdict: Verdict
    words: tuple[str, ...] = ()


def judged(case: Case, sbatch: RealSbatch) -> Judged:
    """Read the case on both sides and compare all that both say of it."""
    ours, real = our_reading(case, sbatch.folder), sbatch.read(case)
    if ours.refusal:
        verdict = Verdict.REFUSED_BY_BOTH if real.complaint else Verdict.REFUSED_BY_US
        return Judged(case, verdict, (ours.refusal,))
    if real.complaint:
        return Judged(case, Verdict.ACCEPTED_ALONE, (real.complaint,))
    found = list(_differences(ours, real, case, sbatch))
    return Judged(case, Verdict.DIFFERENT if found else Verdict.AGREES, tuple(found))


def _differences(
    ours: OurReading, real: RealReading, case: Case, sbatch: RealSbatch
) -> Iterator[str]:
    yield from listing_differences(ours.settings, real.options, sbatch.folder)
    if ours.job is not None:
        listed = real.options.get("signal", "")
        yield from receiver_difference(notice_signal(ours.job.spec), listed)
        yield from kill_difference(ours.job.spec.dependency, real.options.get(KILLS, ""))
    # sbatch would not come back before the end of a job that stays held.
    if "wait" not in real.options:
        record = {**sbatch.record(case), STARTS_ON: f"{real.nodes}"}
        yield from record_differences(ours, record)
