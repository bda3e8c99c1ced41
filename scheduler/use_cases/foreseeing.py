"""What a policy that is not in force would do to the jobs of this moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from scheduler.domain.changes.differences import changes
from scheduler.domain.changes.findings import ForecastKind, forecast_findings
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import ExplainerUnavailable, NotFound, Violation
from scheduler.identity import Caller
from scheduler.policy_files import policy_version
from scheduler.ports import Clock, Explainer, Store, ViewReader
from scheduler.texts import Said, said, said_by
from scheduler.use_cases.permissions import Act, demand
from scheduler.use_cases.policy_checks import Oddity, PolicyChecks


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a file changes against the version in force, in words and in GPUs and jobs."""

    in_force: PolicyVersion
    changes: tuple[str, ...]
    forecast: PolicyForecast


class Foreseeing:
    """Asks the explainer what a policy would do."""

    def __init__(
        self,
        store: Store,
        view: ViewReader,
        clock: Clock,
        checks: PolicyChecks,
        explainer: Explainer | None,
    ) -> None:
        self._store = store
        self._view = view
        self._clock = clock
        self._checks = checks
        self._explainer = explainer

    async def foresee(self, caller: Caller, text: str) -> Foreseen:
        """Return what the file would do if it were in force in the next cycle.

        It names everybody's jobs, so it is for those who may propose. Raises NotPermitted,
        InvalidPolicy, NotFound without a policy in force, ExplainerUnavailable, StoreUnavailable.
        """
        demand(caller, Act.PROPOSE_POLICIES)
        await asyncio.to_thread(self._checks.parsed, text)
        in_force = await asyncio.to_thread(self._store.current_policy)
        if in_force is None:
            raise NotFound("policy version", "0")
        view = self._view.latest()
        cluster = view.cluster if view.backend_up else None
        if self._explainer is None:
            raise ExplainerUnavailable(said("this service foresees nothing"))
        if cluster is None:
            raise ExplainerUnavailable(said("the cluster does not answer; ask again once it does"))
        proposed = policy_version(text, caller.user.name, self._clock.now())
        question = PolicyQuestion(cluster, in_force, proposed)
        forecast = await self._explainer.foresee(question, caller.user.name)
        return Foreseen(in_force, changes(in_force.policy, proposed.policy), forecast)

    async def oddities(self, caller: Caller, text: str) -> tuple[Oddity, ...]:
        """Return the harm that the file would do to the jobs of this moment, by kinds.

        That nothing could be foreseen is one of them. Empty before the first policy. Raises
        NotPermitted, InvalidPolicy, StoreUnavailable.
        """
        try:
            foreseen = await self.foresee(caller, text)
        except NotFound:
            return ()
        except ExplainerUnavailable as error:
            why = said("nothing was foreseen: {why}", why=said_by(error))
            return (harm(ForecastKind.NOT_FORESEEN, why),)
        return tuple(harm(one.kind, one.message) for one in forecast_findings(foreseen.forecast))


def harm(kind: ForecastKind, message: Said) -> Oddity:
    """Return what is foreseen as something that must be accepted by its kind."""
    return Oddity(kind, Violation("forecast", message))
