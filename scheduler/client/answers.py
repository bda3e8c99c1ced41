"""Answers about jobs: why one waits, and what would become of a script."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.client.explaining import Ahead, Blocker, Counterfactual, Explanation
from scheduler.client.jobs import Job, JobState


@dataclass(frozen=True, slots=True)
class Why:
    """Why a job waits, or what it does instead.

    `explanation` is None for a job that does not wait, and while the service cannot explain: then
    `blockers` are those of the newest cycle.
    """

    job: Job
    explanation: Explanation | None

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        return self.explanation.blockers if self.explanation else self.job.blockers

    @property
    def ahead(self) -> tuple[Ahead, ...]:
        return self.explanation.ahead if self.explanation else ()

    @property
    def counterfactuals(self) -> tuple[Counterfactual, ...]:
        return self.explanation.counterfactuals if self.explanation else ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return it in words, for a person; never empty."""
        if self.explanation is not None:
            return self.explanation.sentences
        if self.job.state is JobState.PENDING:
            return tuple(map(str, self.blockers)) or ("why it waits is not known now",)
        return (": ".join(filter(None, (f"it is {self.job.state}", self.job.outcome))),)


@dataclass(frozen=True, slots=True)
class Advice:
    """What would become of a script now; its `jobs` are as they would be stored, with the id 0.

    The explanation of an array is that of its first element.
    """

    jobs: tuple[Job, ...]
    explanation: Explanation
