"""How one organisation's GPUs follow from the shares: the whole arithmetic, for everybody."""

from __future__ import annotations

import asyncio

from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.errors import ExplainerUnavailable, NotFound
from scheduler.identity import Caller
from scheduler.ports import Explainer, Store, ViewReader
from scheduler.texts import said


class Accounting:
    """Asks the explainer for accounts; what they tell is public, as shares and policies are."""

    def __init__(self, store: Store, view: ViewReader, explainer: Explainer | None) -> None:
        self._store = store
        self._view = view
        self._explainer = explainer

    async def account(self, caller: Caller, organisation: str, pool: str) -> Accounts:
        """Return the organisation's account in the pool, in each where that is empty.

        An organisation whose class has no share in the policy has no accounts. Raises NotFound,
        ExplainerUnavailable, StoreUnavailable.
        """
        await asyncio.to_thread(self._store.organisation, organisation)
        view = self._view.latest()
        if self._explainer is None:
            raise ExplainerUnavailable(said("this service explains nothing"))
        if view.cluster is None:
            raise ExplainerUnavailable(
                said("the cluster has not answered yet; ask again in a moment")
            )
        if pool and pool not in {one.name for one in view.cluster.pools}:
            raise NotFound("pool", pool)
        question = AccountQuestion(view.cluster, view.policy, organisation, pool)
        return await self._explainer.account(question, caller.full_name)
