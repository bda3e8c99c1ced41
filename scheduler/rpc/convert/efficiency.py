"""What a job used, on the way out."""

from __future__ import annotations

from scheduler.domain.efficiency import NO_ADVICE, Efficiency, Use
from scheduler.rpc.convert.jobs import job_message
from scheduler.rpc.language import to_the_caller
from scheduler.use_cases.jobs import Used
from scheduler.v1 import job_service_pb2 as pb


def efficiency_response(used: Used) -> pb.GetJobEfficiencyResponse:
    return pb.GetJobEfficiencyResponse(
        job=job_message(used.job),
        efficiency=_efficiency(used.efficiency) if used.efficiency else None,
        no_advice=to_the_caller(NO_ADVICE[used.no_advice]) if used.no_advice else "",
    )


def _efficiency(found: Efficiency) -> pb.Efficiency:
    return pb.Efficiency(
        cpu=_use(found.cpu),
        memory=_use(found.memory),
        walltime=_use(found.walltime),
        gpu=_use(found.gpu),
    )


def _use(use: Use) -> pb.Use:
    return pb.Use(used=use.used, held=use.held, flags=use.flags)
