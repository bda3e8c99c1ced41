"""A policy file's text, read strictly into the domain's Policy."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.errors import InvalidPolicy
from scheduler.policy_files.contradictions import contradictions
from scheduler.policy_files.faults import Form, Path, violation_at
from scheduler.policy_files.strictly import read_tables
from scheduler.policy_files.tables import (
    KEY_TAG,
    NUMBER_TAG,
    PATTERNS,
    TABLE_TAG,
    PolicyFile,
    known_keys,
)
from scheduler.policy_files.values import policy_of
from scheduler.texts import Said, said


def parse_policy(text: str) -> tuple[str, Policy]:
    """Return the file's title and policy. Raises InvalidPolicy naming every wrong key."""
    file = _read(text)
    violations = [violation_at(text, path, message) for path, message in contradictions(file)]
    if violations:
        raise InvalidPolicy(*violations)
    return file.title, policy_of(file)


def policy_version(text: str, applied_by: str, at: datetime) -> PolicyVersion:
    """Return the file as a version that has no number yet (0). Raises InvalidPolicy."""
    title, policy = parse_policy(text)
    digest = sha256(text.encode()).hexdigest()
    return PolicyVersion(0, title, digest, text, applied_by, at.isoformat(), policy)


def _read(text: str) -> PolicyFile:
    return read_tables(text, PolicyFile, _FORM, InvalidPolicy)


def _missing(path: Path) -> Said:
    if path[0] == "reservations":
        return said("is missing; every reservation has a pool and the time when it starts")
    return said("is missing; every policy has a title and at least one [classes.NAME]")


_FORM = Form(
    known_keys,
    PATTERNS,
    missing=_missing,
    too_few={"classes": said("needs at least one table, such as [classes.universities]")},
    too_deep=said("is nested too deeply; a policy has two levels of tables"),
    tags=(NUMBER_TAG, TABLE_TAG, KEY_TAG),
)
