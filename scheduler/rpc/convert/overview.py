"""The overview's messages, in the caller's language."""

from __future__ import annotations

from scheduler.domain.alerts import RUNBOOKS, Alert
from scheduler.domain.records import CycleBrief
from scheduler.rpc.convert.cluster import pool_message, share_message
from scheduler.rpc.convert.jobs import job_message
from scheduler.rpc.convert.policies import policy_message, proposal_message
from scheduler.rpc.convert.values import timestamp
from scheduler.rpc.language import to_the_caller
from scheduler.use_cases.overview import Overview, PoolState, Standing
from scheduler.v1 import cluster_service_pb2 as pb

RUNBOOK = "docs/operators.md#"


def overview_response(found: Overview) -> pb.GetOverviewResponse:
    return pb.GetOverviewResponse(
        time=timestamp(found.at),
        backend=found.view.backend,
        backend_up=found.view.backend_up,
        leads=found.view.leads,
        pools=map(_pool, found.pools),
        organisations=map(_standing, found.standings),
        longest_waits=map(job_message, found.longest_waits),
        cycles=map(_cycle, found.view.cycles),
        alerts=map(_alert, found.alerts),
        policy=policy_message(found.policy, with_text=False),
        open_proposals=[proposal_message(one, with_text=False) for one in found.proposals],
    )


def _pool(state: PoolState) -> pb.PoolOverview:
    return pb.PoolOverview(
        pool=pool_message(state.account),
        nodes=state.nodes,
        nodes_down=state.nodes_down,
        down_gpus=state.down_gpus,
        reserved_gpus=state.reserved_gpus,
    )


def _standing(standing: Standing) -> pb.OrganisationOverview:
    return pb.OrganisationOverview(
        share=share_message(standing.share), floor_gpus=standing.floor_gpus
    )


def _cycle(cycle: CycleBrief) -> pb.Cycle:
    return pb.Cycle(
        number=cycle.cycle,
        time=timestamp(cycle.taken_at),
        policy_version=cycle.policy_version,
        solver=cycle.solver,
        status=cycle.status.value,
        started_jobs=cycle.started_jobs,
        waiting_jobs=cycle.waiting_jobs,
        duration_seconds=cycle.duration_s,
        violations=cycle.violations,
        recalled_jobs=cycle.recalled_jobs,
        gap=cycle.gap,
    )


def _alert(alert: Alert) -> pb.Alert:
    page = RUNBOOKS.get(alert.kind)
    return pb.Alert(
        kind=alert.kind.value,
        critical=alert.is_critical,
        message=to_the_caller(alert.words),
        since_time=timestamp(alert.since),
        runbook=RUNBOOK + page if page else "",
    )
