"""Two admins in front of an engine on a clock that is moved by hand, who accept what they must."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.changes.proposals import Proposal, ProposalState
from scheduler.domain.tenants import Role, User
from scheduler.errors import TendikError
from scheduler.explainer.explainers import explainer_in_thread
from scheduler.explainer.opening import Opening
from scheduler.identity import Caller
from scheduler.use_cases.foreseeing import Foreseeing
from scheduler.use_cases.policy_checks import PolicyChecks
from scheduler.use_cases.proposals import Proposals
from scheduler.use_cases.stages import Stages, Wish
from scheduler.use_cases.trying import Trying
from tests.engine.rig import Rig

TURN_S = 30.0
AT_ONCE = Wish()


@dataclass(frozen=True, slots=True)
class Way:
    """At which step a policy ended, and what its author was told there."""

    step: str
    reason: str = ""


class Seat:
    """Takes policies through the use cases as the service has them."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        explainer = explainer_in_thread(Opening("", 4096, 5.0), rig.store, rig.clock)
        checks = PolicyChecks(rig.store, rig.view, rig.clock)
        foreseeing = Foreseeing(rig.store, rig.view, rig.clock, checks, explainer)
        self._proposals = Proposals(rig.store, checks, foreseeing, rig.clock)
        self._stages = Stages(rig.store, checks, foreseeing, rig.clock)
        self._trying = Trying(rig.store, rig.view, rig.clock, explainer)

    async def take(self, text: str, wish: Wish = AT_ONCE) -> Way:
        """Propose, approve and activate; return where that ended."""
        current = self.rig.store.current_policy()
        base = current.number if current else 0
        step = "proposed"
        try:
            made = self._proposals.propose(_admin("ada"), text, base, "drawn")
            step = "approved"
            signed = await self._proposals.approve(
                _admin("bek"), made.number, made.revision, frozenset()
            )
        except TendikError as error:
            return Way(step, str(error))
        return await self.further(signed, wish)

    async def further(self, proposal: Proposal, wish: Wish) -> Way:
        """Bring an approved proposal to a stage; return where that ended."""
        number, revision = proposal.number, proposal.revision
        try:
            await self._stages.activate(_admin("ada"), number, revision, wish)
        except TendikError as error:
            return Way("activated", str(error))
        return Way("put in force")

    @property
    def newest(self) -> Proposal:
        return self.rig.store.proposals()[0]

    async def turns(self, count: int) -> None:
        """Let the engine tick, and what is on trial have its turns."""
        for _ in range(count):
            self.rig.ticks(1, every_s=TURN_S)
            await self._trying.go_on()

    def taken_back(self) -> Way:
        """Return what became of a canary."""
        proposal = self.newest
        if proposal.state is ProposalState.ROLLED_BACK:
            return Way("tried on a class", proposal.steps[-1].why)
        return Way("put in force")


def _admin(name: str) -> Caller:
    user = User(name, "operations", "administration", name, Role.CLUSTER_ADMIN)
    return Caller(user, "operators")
