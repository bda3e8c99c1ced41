"""Keeps every policy that was ever applied, and every proposal of one."""

from __future__ import annotations

from dataclasses import replace

from pydantic import TypeAdapter
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from scheduler.domain.changes.proposals import Canary, Proposal, Step, demand_revision
from scheduler.domain.changes.trials import MOST_TRIED, Trial
from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.errors import NotFound, StaleVersion
from scheduler.store.on_database import OnDatabase
from scheduler.store.sql_leases import refuse_old
from scheduler.store.tables import PolicyRow, ProposalRow, TrialRow

_POLICY = TypeAdapter(Policy)
_STEPS = TypeAdapter(tuple[Step, ...])
_ACCEPTED = TypeAdapter(frozenset[str])
_CANARY = TypeAdapter(Canary | None)
_TRIAL = TypeAdapter(Trial)
_NEWEST_FIRST = select(PolicyRow).order_by(col(PolicyRow.number).desc())
_NEWEST_PROPOSALS = select(ProposalRow).order_by(col(ProposalRow.number).desc())


class SqlPolicies(OnDatabase):
    """The part of the store that knows which policy holds, held, and is to hold."""

    def apply_policy(self, version: PolicyVersion, expected: int) -> PolicyVersion:
        with self._write_models() as session:
            return _apply(session, version, expected)

    def policy_versions(self) -> tuple[PolicyVersion, ...]:
        with self._read_models() as session:
            return tuple(map(_version_of, session.exec(_NEWEST_FIRST)))

    def current_policy(self) -> PolicyVersion | None:
        with self._read_models() as session:
            newest = _newest(session)
            return None if newest is None else _version_of(newest)

    def add_proposal(self, proposal: Proposal) -> Proposal:
        with self._write_models() as session:
            newest = session.exec(_NEWEST_PROPOSALS.limit(1)).first()
            numbered = replace(proposal, number=newest.number + 1 if newest else 1)
            session.add(_proposal_row(numbered))
            return numbered

    def proposal(self, number: int) -> Proposal:
        with self._read_models() as session:
            return _proposal_of(_proposal(session, number))

    def proposals(self, base: int | None = None) -> tuple[Proposal, ...]:
        asked = () if base is None else (col(ProposalRow.base) == base,)
        with self._read_models() as session:
            return tuple(map(_proposal_of, session.exec(_NEWEST_PROPOSALS.where(*asked))))

    def change_proposal(self, proposal: Proposal, revision: int) -> None:
        with self._write_models() as session:
            _change(session, proposal, revision)

    def apply_proposal(
        self, proposal: Proposal, revision: int, version: PolicyVersion, expected: int
    ) -> PolicyVersion:
        with self._write_models() as session:
            _change(session, proposal, revision)
            return _apply(session, version, expected)

    def keep_trial(self, trial: Trial, most: int, epoch: int = 0) -> None:
        with self._write_models() as session:
            refuse_old(session.connection(), epoch)
            row = TrialRow(proposal=trial.proposal, trial=_TRIAL.dump_json(trial).decode())
            session.add(row)
            session.flush()
            first_too_many = session.exec(_newest_trials(trial.proposal).offset(most)).first()
            if first_too_many is not None:
                of_it = col(TrialRow.proposal) == trial.proposal
                old = col(TrialRow.number) <= first_too_many.number
                session.exec(delete(TrialRow).where(of_it, old))
            tried = select(TrialRow.proposal).distinct().order_by(col(TrialRow.proposal).desc())
            oldest_kept = session.exec(tried.offset(MOST_TRIED - 1)).first()
            if oldest_kept is not None:
                session.exec(delete(TrialRow).where(col(TrialRow.proposal) < oldest_kept))

    def trials(self, proposal: int, newest: int) -> tuple[Trial, ...]:
        with self._read_models() as session:
            rows = session.exec(_newest_trials(proposal).limit(newest))
            return tuple(_TRIAL.validate_json(row.trial) for row in rows)[::-1]


def _newest_trials(proposal: int) -> SelectOfScalar[TrialRow]:
    of_it = select(TrialRow).where(TrialRow.proposal == proposal)
    return of_it.order_by(col(TrialRow.number).desc())


def _apply(session: Session, version: PolicyVersion, expected: int) -> PolicyVersion:
    newest = _newest(session)
    found = newest.number if newest else 0
    if found != expected:
        raise StaleVersion("policy", str(expected), str(found))
    numbered = replace(version, number=expected + 1)
    session.add(_row_of(numbered))
    return numbered


def _change(session: Session, proposal: Proposal, revision: int) -> None:
    row = _proposal(session, proposal.number, to_change=True)
    demand_revision(_proposal_of(row), revision)
    row.steps = _STEPS.dump_json(proposal.steps).decode()
    row.accepted = _ACCEPTED.dump_json(proposal.accepted).decode()
    row.canary = _CANARY.dump_json(proposal.canary).decode()
    session.add(row)


def _newest(session: Session) -> PolicyRow | None:
    return session.exec(_NEWEST_FIRST.limit(1)).first()


def _proposal(session: Session, number: int, *, to_change: bool = False) -> ProposalRow:
    found = session.get(ProposalRow, number, with_for_update=to_change or None)
    if found is None:
        raise NotFound("proposal", str(number))
    return found


def _row_of(version: PolicyVersion) -> PolicyRow:
    return PolicyRow(
        number=version.number,
        name=version.name,
        sha256=version.sha256,
        text=version.text,
        applied_by=version.applied_by,
        applied_at=version.applied_at,
        policy=_POLICY.dump_json(version.policy).decode(),
        why=version.why,
        approved_by=version.approved_by,
        proposal=version.proposal,
        again=version.again,
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
        why=row.why or "",
        approved_by=row.approved_by or "",
        proposal=row.proposal or 0,
        again=row.again or 0,
    )


def _proposal_row(proposal: Proposal) -> ProposalRow:
    return ProposalRow(
        number=proposal.number,
        base=proposal.base,
        title=proposal.title,
        sha256=proposal.sha256,
        text=proposal.text,
        policy=_POLICY.dump_json(proposal.policy).decode(),
        steps=_STEPS.dump_json(proposal.steps).decode(),
        accepted=_ACCEPTED.dump_json(proposal.accepted).decode(),
        canary=_CANARY.dump_json(proposal.canary).decode(),
    )


def _proposal_of(row: ProposalRow) -> Proposal:
    return Proposal(
        number=row.number,
        base=row.base,
        title=row.title,
        sha256=row.sha256,
        text=row.text,
        policy=_POLICY.validate_json(row.policy),
        steps=_STEPS.validate_json(row.steps),
        accepted=_ACCEPTED.validate_json(row.accepted),
        canary=_CANARY.validate_json(row.canary) if row.canary else None,
    )
