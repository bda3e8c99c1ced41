"""Why a job waits and what would help, for one that waits and for one not yet submitted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.explaining import Explanation, Question
from scheduler.domain.jobs import Job, JobState, PendingJob
from scheduler.domain.sbatch.changes import flags_asking_for
from scheduler.errors import ExplainerUnavailable
from scheduler.identity import Caller
from scheduler.ports import Explainer, ViewReader
from scheduler.texts import said
from scheduler.use_cases.jobs import Jobs
from scheduler.use_cases.submission import JobRequest, Submissions


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would start the job, and sbatch's flags for it; empty where no flag does it.

    `starts_at` is None for a start now.
    """

    words: str
    flags: tuple[str, ...]
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A job, or the elements of an array, and why the first of them waits; None: it does not."""

    jobs: tuple[Job, ...]
    explanation: Explanation | None = None

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        told = self.explanation.counterfactuals if self.explanation else ()
        spec = self.jobs[0].spec
        return tuple(
            Suggestion(one.words, flags_asking_for(spec, one.request), one.starts_at)
            for one in told
        )


class Explaining:
    """Asks the explainer about jobs of the caller's sight."""

    def __init__(
        self,
        jobs: Jobs,
        submissions: Submissions,
        view: ViewReader,
        explainer: Explainer | None,
    ) -> None:
        self._jobs = jobs
        self._submissions = submissions
        self._view = view
        self._explainer = explainer

    async def explain(self, caller: Caller, job_id: int) -> Explained:
        """Return why the job waits as of now.

        Raises NotFound, ExplainerUnavailable, StoreUnavailable.
        """
        job = await asyncio.to_thread(self._jobs.get, caller, job_id)
        if job.state is not JobState.PENDING:
            return Explained((job,))
        explanation = await self._answer(caller, job_id)
        if explanation is None:  # it has begun, or ended, since it was read
            job = await asyncio.to_thread(self._jobs.get, caller, job_id)
        return Explained((job,), explanation)

    async def advise(self, caller: Caller, request: JobRequest) -> Explained:
        """Return what the service would say of the request; nothing is stored.

        Of an array the first element is explained. Raises what a submission raises, and
        ExplainerUnavailable.
        """
        jobs = await self._submissions.submit(caller, replace(request, validate_only=True))
        first = jobs[0]
        waiting = PendingJob(0, first.tenant, first.spec.request, first.submitted_at, first.array)
        return Explained(jobs, await self._answer(caller, waiting))

    async def _answer(self, caller: Caller, about: int | PendingJob) -> Explanation | None:
        if self._explainer is None:
            raise ExplainerUnavailable(said("this service explains nothing"))
        view = self._view.latest()
        if view.cluster is None:
            raise ExplainerUnavailable(
                said("the cluster has not answered yet; ask again in a moment")
            )
        question = Question(view.cluster, view.policy, about)
        return await self._explainer.explain(question, caller.full_name)
