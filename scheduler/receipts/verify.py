"""Checks a receipt without any service: its bytes, its place in the chain, and a replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise

from scheduler.domain.audit import violations
from scheduler.domain.receipts import Decider, Entitlement, Link, Outcome, entitlements_around
from scheduler.domain.shares.fairshare import organisation_shares
from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.codec import Unreadable, encode
from scheduler.receipts.differences import differences
from scheduler.receipts.sealing import Opened, link_digest, opened
from scheduler.texts import said

NAMED = 5  # differences and broken rules that are told one by one

# Decides about a snapshot as the decider did. Raises Unreadable when it cannot be made anew.
Replay = Callable[[Decider, Snapshot], Outcome]


class Check(StrEnum):
    """What is checked, in this order."""

    FILE = "file"
    PARTS = "parts"
    CHAIN = "chain"
    AUDIT = "audit"
    DECISIONS = "decisions"
    ENTITLEMENTS = "entitlements"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `words` are one line or more."""

    check: Check
    holds: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found about one receipt; `receipt` is None when it could not be opened."""

    receipt: Opened | None
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return all(finding.holds for finding in self.findings)


def verify(content: bytes, before: Opened | None, replay: Replay) -> Verdict:
    """Check a receipt; `before` is the one kept before it, if it is at hand."""
    try:
        receipt = opened(content)
    except Unreadable as error:
        return Verdict(None, (Finding(Check.FILE, False, (str(error),)),))
    findings = [
        Finding(Check.FILE, True, (said("whole: its bytes are those whose SHA-256 it carries"),)),
        _parts(receipt),
        _chain(receipt, before),
    ]
    try:
        findings += _replayed(receipt, replay)
    except Unreadable as error:
        findings.append(
            Finding(Check.DECISIONS, False, (said("it cannot be replayed: {error}", error=error),))
        )
    return Verdict(receipt, tuple(findings))


def _parts(receipt: Opened) -> Finding:
    altered = receipt.altered_parts()
    words: list[str] = [
        said("the {name} is not what was sealed: its SHA-256 is another one", name=name)
        for name in altered
    ]
    try:
        words += _contradictions(receipt)
    except Unreadable as error:
        words.append(said("the snapshot cannot be read: {error}", error=error))
    return _finding(Check.PARTS, words, said("each part has the SHA-256 that the link holds"))


def _contradictions(receipt: Opened) -> Iterator[str]:
    """Compare what the link says in clear with the snapshot. Raises Unreadable."""
    snapshot, link = receipt.part("snapshot", Snapshot), receipt.link
    for name in ("cycle", "taken_at", "policy_version"):
        told, is_so = getattr(link, name), getattr(snapshot, name)
        if told != is_so:
            yield said(
                "the link says {name} {told}, the snapshot {is_so}",
                name=name,
                told=told,
                is_so=is_so,
            )


def _chain(receipt: Opened, before: Opened | None) -> Finding:
    links = (*receipt.since, receipt.link)
    words = list(_broken_links(links))
    if before is not None and receipt.begins_after != link_digest(before.link):
        words.append(
            said(
                "it does not follow the receipt of cycle {cycle}: one between them is missing, "
                "or one of them was altered",
                cycle=before.link.cycle,
            )
        )
    return _finding(Check.CHAIN, words, _place(receipt, before))


def _broken_links(links: Sequence[Link]) -> Iterator[str]:
    for earlier, later in pairwise(links):
        if later.previous != link_digest(earlier):
            yield said(
                "the link of cycle {cycle} does not follow that of cycle {earlier}",
                cycle=later.cycle,
                earlier=earlier.cycle,
            )


def _place(receipt: Opened, before: Opened | None) -> str:
    idle = (
        said(", over {since} cycles without one", since=len(receipt.since)) if receipt.since else ""
    )
    if before is not None:
        return said(
            "follows the receipt of cycle {cycle}{idle}", cycle=before.link.cycle, idle=idle
        )
    if not receipt.begins_after:
        return said("the chain begins here{idle}", idle=idle)
    return said(
        "follows {begins_after}…{idle}; give that receipt too to check it",
        begins_after=receipt.begins_after[:12],
        idle=idle,
    )


def _replayed(receipt: Opened, replay: Replay) -> Iterator[Finding]:
    snapshot = receipt.part("snapshot", Snapshot)
    recorded = receipt.part("outcome", Outcome)
    yield _audit(snapshot, recorded)
    decided = replay(receipt.part("decider", Decider), snapshot)
    same = said("decided again: the same bytes")
    yield _compared(Check.DECISIONS, receipt.parts["outcome"], encode(decided), same)
    shares = organisation_shares(snapshot, decided.allocation.starts)
    around = encode(entitlements_around(snapshot, decided.allocation, shares))
    receipt.part("entitlements", tuple[Entitlement, ...])
    same = said("counted again: the same bytes")
    yield _compared(Check.ENTITLEMENTS, receipt.parts["entitlements"], around, same)


def _audit(snapshot: Snapshot, outcome: Outcome) -> Finding:
    """Where the audit refused everything, nothing moved, and that is all that was promised."""
    allocation = outcome.allocation
    broken = violations(snapshot, allocation)
    if outcome.violations and not (allocation.starts or allocation.recalls):
        broken = ()
    refused = (
        said("; it refused what broke {rules}", rules=len(outcome.violations))
        if outcome.violations
        else ""
    )
    return _finding(Check.AUDIT, broken, said("no rule is broken{refused}", refused=refused))


def _compared(check: Check, recorded: bytes, found: bytes, same: str) -> Finding:
    if recorded == found:
        return Finding(check, True, (same,))
    words = list(islice(differences(recorded, found), NAMED + 1))
    return _finding(check, words or [said("the bytes differ, and no value does")], same)


def _finding(check: Check, wrong: Sequence[str], right: str) -> Finding:
    if not wrong:
        return Finding(check, True, (right,))
    more = (said("… and more"),) if len(wrong) > NAMED else ()
    return Finding(check, False, (*wrong[:NAMED], *more))
