"""Runs the verification of receipts and shows what it found; loads allocator and solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from scheduler.cli.admin_records import VERDICT
from scheduler.cli.files import read_bytes, source_name
from scheduler.cli.language import spoken
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.table import Cell, Column, Row, Table
from scheduler.cli.terminal import say
from scheduler.deciders import decide_again, versions_here
from scheduler.domain.receipts import Decider, Outcome
from scheduler.receipts.codec import Unreadable
from scheduler.receipts.sealing import Opened, link_digest, opened
from scheduler.receipts.verify import Check, Finding, Verdict, verify
from scheduler.texts import listed, said


def show_verdicts(files: Sequence[str], form: Format) -> int:
    """Check the files in the order of their cycles; return how many do not hold."""
    failed = 0
    shown = []
    for number, (file, verdict) in enumerate(_verdicts(files)):
        failed += not verdict.holds
        if form.for_programs:
            shown.append(_as_json(file, verdict))
        else:
            if number:
                click.echo()
            say(_head(file, verdict))
            print_table(Table(_COLUMNS, list(_rows(verdict))))
    if form.for_programs:
        print_data(form, VERDICT, shown)
    return failed


def _verdicts(files: Sequence[str]) -> Iterator[tuple[str, Verdict]]:
    contents = [(file, read_bytes(file)) for file in files]
    before: Opened | None = None
    for file, content in sorted(contents, key=lambda pair: _cycle(pair[1])):
        verdict = verify(content, before, decide_again)
        before = verdict.receipt or before
        yield source_name(file), verdict


def _cycle(content: bytes) -> int:
    try:
        return opened(content).link.cycle
    except Unreadable:
        return -1


_COLUMNS = (Column(""), Column(""), Column("", least=30))


def _rows(verdict: Verdict) -> Iterator[Row]:
    for finding in verdict.findings:
        result = Cell(said("holds"), "green") if finding.holds else Cell(said("FAILS"), "red")
        for number, words in enumerate(finding.words):
            yield ("", "", words) if number else (finding.check.value, result, words)
    if verdict.receipt is not None:
        yield "digest", "", link_digest(verdict.receipt.link)
        if _decisions_differ(verdict) and (elsewhere := _other_versions(verdict.receipt)):
            yield "note", "", elsewhere


def _head(file: str, verdict: Verdict) -> str:
    if verdict.receipt is None:
        return file
    link = verdict.receipt.link
    taken = f"{link.taken_at.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    return said(
        "{file}: cycle {cycle}, {taken}, policy {policy_version}{told}",
        file=file,
        cycle=link.cycle,
        taken=taken,
        policy_version=link.policy_version,
        told=_told(verdict.receipt),
    )


def _told(receipt: Opened) -> str:
    """Say how it was decided, as far as the receipt can be read."""
    try:
        found = receipt.part("outcome", Outcome).allocation
    except Unreadable:
        return ""
    fell_back = said(", fell back") if found.fell_back_because else ""
    counts = said(
        "{starts} started, {waiting_jobs} wait",
        starts=len(found.starts),
        waiting_jobs=found.waiting_jobs,
    )
    return listed((f", {found.solver} {found.status}", fell_back, ", ", counts), "")


def _decisions_differ(verdict: Verdict) -> bool:
    return any(one.check is Check.DECISIONS and not one.holds for one in verdict.findings)


def _other_versions(receipt: Opened) -> str:
    try:
        made = receipt.part("decider", Decider).versions
    except Unreadable:
        return ""
    here = versions_here()
    others = [
        said(
            "{name} {there}, here {here}",
            name=name,
            there=made.get(name) or said("none"),
            here=here.get(name) or said("none"),
        )
        for name in sorted({*made, *here})
        if made.get(name) != here.get(name)
    ]
    return said("it was decided with {names}", names=listed(others, "; ")) if others else ""


def _as_json(file: str, verdict: Verdict) -> dict[str, Any]:
    receipt = verdict.receipt
    return {
        "file": file,
        "cycle": receipt.link.cycle if receipt else None,
        "policy_version": receipt.link.policy_version if receipt else None,
        "sha256": link_digest(receipt.link) if receipt else None,
        "holds": verdict.holds,
        "findings": list(map(_finding, verdict.findings)),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check.value,
        "holds": finding.holds,
        "words": list(map(spoken, finding.words)),
    }
