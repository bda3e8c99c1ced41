"""An overview and an account, as the service tells them."""

from __future__ import annotations

from scheduler.v1 import cluster_service_pb2 as cluster
from scheduler.v1 import policy_service_pb2 as policies
from tests.cli.world import (
    CANARY,
    CLUSTER,
    OTHERS_FIRST_BLOCKER,
    POLICY,
    POOL,
    PROPOSAL,
    SHARES,
    a_job,
    a_waiting,
    ago,
    ahead,
)

Op = cluster.FigureOperation
GIVEN, LIST = Op.FIGURE_OPERATION_GIVEN, Op.FIGURE_OPERATION_LIST


def a_cycle(number: int, gap: float | None, **fields: object) -> cluster.Cycle:
    cycle = cluster.Cycle(**fields, gap=gap)  # type: ignore[arg-type]  # fields by name
    cycle.MergeFrom(CLUSTER.last_cycle)
    cycle.number = number
    return cycle


def a_proposal(number: int, state: policies.ProposalState) -> policies.Proposal:
    made = policies.Proposal.FromString(PROPOSAL.SerializeToString())
    made.number, made.state = number, state
    return made


def a_figure(
    words: str,
    value: float | None,
    *parts: cluster.Figure,
    operation: cluster.FigureOperation = GIVEN,
    unit: str = "gpus",
) -> cluster.Figure:
    return cluster.Figure(words=words, value=value, unit=unit, operation=operation, parts=parts)


LONG_WAIT = a_job(waiting=a_waiting(OTHERS_FIRST_BLOCKER))
LONG_WAIT.start_estimate.made_time.CopyFrom(ago(minutes=1))
LONG_WAIT.start_estimate.p50_time.CopyFrom(ahead(hours=1))
LONG_WAIT.start_estimate.p90_time.CopyFrom(ahead(hours=2))
OVERVIEW = cluster.GetOverviewResponse(
    time=ago(seconds=1),
    backend="slurm-cli",
    backend_up=True,
    leads=True,
    pools=[
        cluster.PoolOverview(pool=POOL, nodes=9, nodes_down=1, down_gpus=8, reserved_gpus=2),
    ],
    organisations=[
        cluster.OrganisationOverview(share=share, floor_gpus=floor)
        for share, floor in zip(SHARES, (16, 0, 0, 4), strict=True)
    ],
    longest_waits=[LONG_WAIT],
    cycles=[a_cycle(78, 0.03, recalled_jobs=1), a_cycle(77, 0.0), a_cycle(76, None)],
    alerts=[
        cluster.Alert(
            kind="cluster_unread",
            critical=True,
            message="slurm-cli does not answer",
            since_time=ago(minutes=12),
            runbook="docs/operators.md#tendikbackenddown",
        ),
        cluster.Alert(kind="wait_bound_broken", message="3 jobs wait longer than promised"),
    ],
    policy=POLICY,
    open_proposals=[
        a_proposal(4, policies.PROPOSAL_STATE_PROPOSED),
        a_proposal(3, policies.PROPOSAL_STATE_APPROVED),
        a_proposal(2, policies.PROPOSAL_STATE_SHADOWED),
        CANARY,
    ],
)
LEVEL = a_figure(
    "what each share gets",
    64 / 3,
    a_figure("GPUs left for those who are left", 64),
    a_figure("their shares together", 3, unit=""),
    operation=Op.FIGURE_OPERATION_QUOTIENT,
    unit="gpus_per_share",
)
ACCOUNT = cluster.ExplainOrganisationResponse(
    snapshot_time=ago(seconds=1),
    policy_version=3,
    organisation_id="astana-university",
    accounts=[
        cluster.OrganisationAccount(
            pool="alem/h200",
            tenant_class="universities",
            entitled_gpus=64 / 3,
            held_gpus=12,
            wanted_gpus=28,
            figures=[
                a_figure(
                    "entitlement of astana-university",
                    64 / 3,
                    a_figure("wanted", 28),
                    LEVEL,
                    operation=Op.FIGURE_OPERATION_LEAST,
                ),
                a_figure(
                    "what the policy says",
                    None,
                    a_figure("ceiling", None),
                    a_figure("floor", 4),
                    operation=LIST,
                    unit="",
                ),
            ],
            follows=["it may start 10 more GPUs by its entitlement"],
        )
    ],
)
