"""Explanations on the way out."""

from __future__ import annotations

from scheduler.domain.explaining import PRECEDENCES, Ahead, Precedence
from scheduler.rpc.convert.jobs import blocker_message, job_message
from scheduler.rpc.convert.values import names_by_member, timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.use_cases.explaining import Explained
from scheduler.v1 import job_service_pb2 as pb

PRECEDENCE_NAMES = names_by_member(Precedence, "PRECEDENCE")


def explain_response(explained: Explained) -> pb.ExplainJobResponse:
    job = job_message(explained.jobs[0])
    return pb.ExplainJobResponse(job=job, explanation=_explanation(explained))


def advise_response(explained: Explained) -> pb.AdviseJobResponse:
    jobs = map(job_message, explained.jobs)
    return pb.AdviseJobResponse(jobs=jobs, explanation=_explanation(explained))


def _explanation(explained: Explained) -> pb.Explanation | None:
    found = explained.explanation
    if found is None:
        return None
    return pb.Explanation(
        snapshot_time=timestamp(found.taken_at),
        starts=found.starts,
        blockers=map(blocker_message, found.blockers),
        planned_start_time=timestamp(found.planned_at),
        ahead=map(_ahead, found.ahead),
        more_ahead=found.and_more,
        counterfactuals=[
            pb.Counterfactual(
                sentence=to_the_caller(suggestion.words),
                flags=suggestion.flags,
                start_time=timestamp(suggestion.starts_at),
            )
            for suggestion in explained.suggestions
        ],
    )


def _ahead(ahead: Ahead) -> pb.Ahead:
    return pb.Ahead(
        precedence=PRECEDENCE_NAMES[ahead.precedence],
        meaning=to_the_caller(PRECEDENCES[ahead.precedence]),
        organisation=ahead.organisation,
        jobs=ahead.jobs,
        gpus=ahead.gpus,
    )
