"""Keeps every policy that was ever applied."""

from __future__ import annotations

from dataclasses import replace

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.errors import StaleVersion
from scheduler.store.on_database import OnDatabase
from scheduler.store.tables import PolicyRow

_POLICY = TypeAdapter(Policy)
_NEWEST_FIRST = select(PolicyRow).order_by(col(PolicyRow.number).desc())


class SqlPolicies(OnDatabase):
    """The part of the store that knows which policy holds, and held."""

    def apply_policy(self, version: PolicyVersion, expected: int) -> PolicyVersion:
        with self._write_models() as session:
            newest = _newest(session)
            found = newest.number if newest else 0
            if found != expected:
                raise StaleVersion("policy", str(expected), str(found))
            numbered = replace(version, number=expected + 1)
            session.add(_row_of(numbered))
            return numbered

    def policy_versions(self) -> tuple[PolicyVersion, ...]:
        with self._read_models() as session:
            return tuple(map(_version_of, session.exec(_NEWEST_FIRST)))

    def current_policy(self) -> PolicyVersion | None:
        with self._read_models() as session:
            newest = _newest(session)
            return None if newest is None else _version_of(newest)


def _newest(session: Session) -> PolicyRow | None:
    return session.exec(_NEWEST_FIRST.limit(1)).first()


def _row_of(version: PolicyVersion) -> PolicyRow:
    return PolicyRow(
        number=version.number,
        name=version.name,
        sha256=version.sha256,
        text=version.text,
        applied_by=version.applied_by,
        applied_at=version.applied_at,
        policy=_POLICY.dump_json(version.policy).decode(),
    )


def _version_of(row: PolicyRow) -> PolicyVersion:
    return PolicyVersion(
        number=row.number,
        name=row.name,
        sha256=row.sha256,
        text=row.text,
        applied_by=row.applied_by,
        applied_at=row.applied_at,
        policy=_POLICY.validate_json(row.policy),
    )
