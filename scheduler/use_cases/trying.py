"""Policies on trial: each is decided beside the engine, and a canary that does harm taken back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

import structlog

from scheduler.domain.changes.canaries import canary_policy
from scheduler.domain.changes.forecast import PolicyQuestion
from scheduler.domain.changes.proposals import (
    BY_ITSELF,
    Proposal,
    ProposalState,
    again_in_force,
    stepped,
)
from scheduler.domain.changes.regressions import Measure, regression
from scheduler.domain.changes.trial_summaries import TrialSummary, trial_summaries
from scheduler.domain.changes.trials import MOST_TRIALS, ON_TRIAL, Trial, compared, trial_of
from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.errors import StaleVersion, TendikError
from scheduler.policy_files import policy_text, policy_version
from scheduler.ports import Clock, Explainer, Store, ViewReader

log = structlog.get_logger()
# Beside its turns a trial leaves the processor alone for so many times as long as one took.
RESTS = 9


@dataclass(frozen=True, slots=True)
class _Told:
    """What a proposal's trials came to, up to the newest of them."""

    newest: tuple[Trial, ...]
    summaries: tuple[TrialSummary, ...]


class Trials:
    """Tells what policies on trial came to; many may ask, and nothing is worked out twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: dict[int, _Told] = {}
        self._working = Lock()

    def summaries(self, number: int) -> tuple[TrialSummary, ...]:
        """Return what each stage of a proposal came to. Blocks; raises NotFound, StoreUnavailable.

        Empty where it was not on trial yet.
        """
        self._store.proposal(number)
        # Half a day of trials is a second of work for a large cluster.
        with self._working:
            newest = self._store.trials(number, newest=1)
            told = self._told.get(number)
            if told is None or told.newest != newest:
                trials = self._store.trials(number, MOST_TRIALS)
                told = self._told[number] = _Told(newest, tuple(trial_summaries(trials)))
        return told.summaries


class Trying:
    """Decides snapshots under policies on trial, one after the other, where the engine leads.

    All that it knows is in the store, so a crash between any two steps is safe, and whoever leads
    next goes on. It never waits for the engine, nor the engine for it.
    """

    def __init__(self, store: Store, view: ViewReader, clock: Clock, explainer: Explainer) -> None:
        self._store = store
        self._view = view
        self._clock = clock
        self._explainer = explainer

    async def go_on(self) -> bool:
        """Give each policy on trial its turn; say whether there is one.

        While the cluster does not answer nobody has one: its last picture is a single cycle,
        however often it is decided. One's failure takes no turn from the others. Raises it after
        them: StoreUnavailable, NotLeading, ExplainerUnavailable; the next turn tries again.
        """
        view = self._view.latest()
        if not view.leads or not view.backend_up or view.cluster is None:
            return False
        proposals = await asyncio.to_thread(self._store.proposals)
        tried = [proposal for proposal in proposals if proposal.state in ON_TRIAL]
        if not tried:
            return False
        versions = await asyncio.to_thread(self._store.policy_versions)
        by_number = {version.number: version for version in versions}
        asked, failed = 0, list[TendikError]()
        for proposal in tried:
            pair = compared(proposal, by_number, self._clock.now())
            if pair is None:
                continue
            asked += 1
            try:
                await self._turn(proposal, PolicyQuestion(view.cluster, *pair), view.epoch)
            except TendikError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return asked > 0

    async def _turn(self, proposal: Proposal, question: PolicyQuestion, epoch: int) -> None:
        forecast = await self._explainer.foresee(question, BY_ITSELF)
        trial = trial_of(proposal, forecast)
        await asyncio.to_thread(self._judge, proposal, trial, epoch)

    def _judge(self, proposal: Proposal, trial: Trial, epoch: int) -> None:
        """Keep the trial; where it is one too many that does harm, put the old version back."""
        self._store.keep_trial(trial, MOST_TRIALS, epoch)
        if proposal.canary is None or proposal.state is not ProposalState.CANARY:
            return
        harm = regression(self._store.trials(proposal.number, MOST_TRIALS), proposal.canary)
        if harm is not None:
            # Somebody was quicker: it was put in force for all, or taken back, by a person.
            with suppress(StaleVersion):
                self._take_back(proposal, harm)

    def _take_back(self, proposal: Proposal, harm: Measure) -> None:
        versions = {version.number: version for version in self._store.policy_versions()}
        newest, now = max(versions), self._clock.now()
        if versions[newest].proposal != proposal.number:
            return
        before = self._with_its_classes(versions[proposal.base], versions[newest].policy)
        again = again_in_force(before, BY_ITSELF, now, harm.why)
        taken = stepped(proposal, ProposalState.ROLLED_BACK, BY_ITSELF, now, harm.why)
        back = self._store.apply_proposal(taken, proposal.revision, again, newest)
        told = {"proposal": proposal.number, "version": back.number, "why": harm.why}
        log.warning("policy_rolled_back", objective=harm.objective.value, **told)

    def _with_its_classes(self, before: PolicyVersion, tried: Policy) -> PolicyVersion:
        """Return the version before, with classes of the canary that organisations joined since.

        Without them they would have no share at all, and could submit nothing.
        """
        found = {one.name: one.tenant_class for one in self._store.organisations()}
        joined = set(found.values()).intersection(tried.classes).difference(before.policy.classes)
        if not joined:
            return before
        policy = canary_policy(before.policy, tried, joined, found)
        return policy_version(policy_text(before.name, policy), BY_ITSELF, self._clock.now())


async def keep_trying(
    trying: Trying,
    rest: Callable[[], None],
    every_s: float,
    elapsed_s: Callable[[], float] = time.monotonic,
) -> None:
    """Take turns until cancelled: at most every so often, and a tenth of the time at most.

    `rest` gives back what turns need, while nothing is on trial.
    """
    while True:
        began_s = elapsed_s()
        try:
            if not await trying.go_on():
                rest()
        except TendikError as error:
            log.warning("policy_not_tried", error=str(error))
        except Exception:
            # A fault in one turn must not end the service: the next one reads everything anew.
            log.exception("policy_not_tried")
        await asyncio.sleep(max(every_s, RESTS * (elapsed_s() - began_s)))
