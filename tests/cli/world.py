"""The canned cluster that the tests' service tells of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.v1 import cluster_service_pb2 as cluster
from scheduler.v1 import job_service_pb2 as jobs
from scheduler.v1 import policy_service_pb2 as policies
from scheduler.v1 import tenant_service_pb2 as tenants

TOKEN = "tdk_of-aliya"
ALIYA = tenants.User(
    user_id="aliya",
    organisation_id="astana-university",
    project_id="speech",
    unix_account="aliya",
    role=tenants.ROLE_RESEARCHER,
)
SPEECH = tenants.Project(organisation_id="astana-university", project_id="speech")
REGISTER_TEXT = '[organisations.astana-university]\nclass = "universities"\n'
REGISTER_STEPS = (
    tenants.RegisterStep(
        what=tenants.TENANT_CHANGE_KIND_CREATED,
        kind=tenants.TENANT_KIND_USER,
        organisation_id="astana-university",
        name="dana",
        differences=["project: speech"],
        words="create user dana of astana-university: project: speech",
    ),
    tenants.RegisterStep(
        what=tenants.TENANT_CHANGE_KIND_OFF_BOARDED,
        kind=tenants.TENANT_KIND_USER,
        organisation_id="astana-university",
        name="aliya",
        words="off-board user aliya of astana-university",
        pending_jobs=3,
        running_jobs=2,
    ),
)
TENANT_CHANGE = tenants.TenantChange(
    number=7,
    time=Timestamp(seconds=1770000000),
    by="root",
    what=tenants.TENANT_CHANGE_KIND_CHANGED,
    kind=tenants.TENANT_KIND_USER,
    organisation_id="astana-university",
    name="aliya",
    differences=["role: researcher -> cluster-admin"],
)
OTHERS_FIRST = jobs.Waiting(
    reason=jobs.WAIT_REASON_OTHERS_FIRST,
    meaning="free GPUs went to other jobs: floors first, then lower shares, then longer waits",
    detail="astana-university holds 12 of 16.0 entitled GPUs in alem/h200",
    advice="it starts as your share of the cluster comes up",
)
OTHERS_FIRST_BLOCKER = jobs.Blocker(
    reason=OTHERS_FIRST.reason,
    meaning=OTHERS_FIRST.meaning,
    detail=OTHERS_FIRST.detail,
    advice=OTHERS_FIRST.advice,
)


def a_waiting(*blockers: jobs.Blocker) -> jobs.Waiting:
    """Return why a job waits, as a service tells it: the first blocker, and all of them."""
    first = blockers[0]
    return jobs.Waiting(
        reason=first.reason,
        meaning=first.meaning,
        detail=first.detail,
        advice=first.advice,
        blockers=blockers,
    )


def ago(**span: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC) - timedelta(**span))
    return stamp


def a_job(job_id: int = 1042, gpus: int = 16, **fields: Any) -> jobs.Job:
    """Return a pending job of aliya's, changed by `fields`."""
    given: dict[str, Any] = {
        "display_name": "train-llm",
        "tenant_class": "universities",
        "organisation": "astana-university",
        "project": "speech",
        "user": "aliya",
        "unix_account": "aliya",
        "state": jobs.JOB_STATE_PENDING,
        "resources": jobs.Resources(gpus=gpus, nodes=2, walltime=Duration(seconds=7200)),
        "submit_time": ago(minutes=12),
    }
    if fields.get("state", jobs.JOB_STATE_PENDING) == jobs.JOB_STATE_PENDING:
        given["waiting"] = OTHERS_FIRST
    return jobs.Job(name=f"jobs/{job_id}", job_id=job_id, **(given | fields))


def a_running_job(job_id: int = 1041, **fields: Any) -> jobs.Job:
    given: dict[str, Any] = {
        "display_name": "eval",
        "state": jobs.JOB_STATE_RUNNING,
        "start_time": ago(hours=1, minutes=3),
        "pool": "alem/h200",
        "nodes": ["n01", "n02"],
        "slurm_job_id": 5512,
    }
    return a_job(job_id, 8, **(given | fields))


def an_ended_job(job_id: int = 1040, **fields: Any) -> jobs.Job:
    given: dict[str, Any] = {
        "state": jobs.JOB_STATE_FAILED,
        "end_time": ago(minutes=1),
        "exit_code": 3,
        "outcome": "its command ended with exit code 3",
    }
    return a_running_job(job_id, **(given | fields))


def an_element(index: int, first: int = 1050, **fields: Any) -> jobs.Job:
    """Return the element of an array whose number is its first element's."""
    place = jobs.ArrayPlace(array_job_id=first, index=index, limit=4)
    return a_job(first + index, 1, array=place, display_name="sweep", **fields)


EFFICIENCY = jobs.Efficiency(
    cpu=jobs.Use(used=3.1, held=32, flags=["--cpus-per-task=4"]),
    memory=jobs.Use(used=12 * 1024, held=200 * 1024, flags=["--mem=16G"]),
    walltime=jobs.Use(used=2400, held=86400, flags=["--time=1:00:00"]),
    gpu=jobs.Use(held=100),
)


def ahead(**span: float) -> Timestamp:
    return ago(**{unit: -number for unit, number in span.items()})


def a_share(
    organisation: str, tenant_class: str, *gpus: float, **more: Any
) -> cluster.OrganisationShare:
    """Return a share of alem/h200: entitled, held, wanted, borrowed, lent."""
    entitled, held, wanted, borrowed, lent = gpus
    return cluster.OrganisationShare(
        organisation_id=organisation,
        tenant_class=tenant_class,
        pool="alem/h200",
        entitled_gpus=entitled,
        held_gpus=int(held),
        wanted_gpus=int(wanted),
        borrowed_gpus=int(borrowed),
        lent_gpus=int(lent),
        mean_gpus=held / 2,
        **more,
    )


SHARES = (
    a_share(
        *("astana-university", "universities", 16.0, 12, 28, 0, 0),
        owed_gpus=4,
        owed_since_time=Timestamp(seconds=1770000000),
        owed_until_time=Timestamp(seconds=1770000180),
    ),
    a_share("almaty-institute", "universities", 5.3, 4, 12, 0, 0),
    a_share("steppe-robotics", "startups", 21.3, 30, 40, 9, 0, borrowed_until_time=ahead(hours=2)),
    a_share("health-agency", "agencies", 8.0, 8, 8, 0, 13),
)
POOL = cluster.PoolStatus(
    name="alem/h200",
    partition="alem",
    gpu_type="h200",
    capacity_gpus=64,
    held_gpus=54,
    foreign_gpus=4,
    wanted_gpus=88,
)
CLUSTER = cluster.GetClusterResponse(
    pools=[POOL],
    backend="simulated",
    backend_up=True,
    last_cycle=cluster.Cycle(
        number=77,
        time=ago(seconds=1),
        policy_version=3,
        solver="cp-sat",
        status="optimal",
        started_jobs=2,
        waiting_jobs=9,
        duration_seconds=0.042,
    ),
)
POLICY = policies.PolicyVersion(
    number=3,
    title="national default",
    sha256="ab" * 32,
    text='title = "national default"\n',
    applied_by="ops",
    apply_time=ago(days=2),
    why="startups waited too long",
    approved_by="auditor",
    proposal=1,
)
FORECAST = policies.ForecastPolicyResponse(
    snapshot_time=ago(seconds=1),
    base_number=3,
    changes=["classes.startups: share 1 -> 2"],
    standings=[
        policies.PolicyStanding(
            organisation_id="caspian",
            tenant_class="startups",
            pool="alem/h200",
            held_gpus=8,
            wanted_gpus=24,
            entitled_gpus_before=16,
            entitled_gpus_after=24,
            even_gpus_before=16,
            even_gpus_after=21.3,
        ),
        policies.PolicyStanding(organisation_id="quiet", tenant_class="agencies", pool="alem/h200"),
    ],
    starts=[policies.AffectedJob(job_id=1042, organisation_id="caspian", user_id="bek", gpus=16)],
    recalled=[
        policies.AffectedJob(job_id=job_id, organisation_id="steppe", user_id="ada", gpus=8)
        for job_id in range(900, 910)
    ],
)
PROPOSAL = policies.Proposal(
    number=1,
    state=policies.PROPOSAL_STATE_APPROVED,
    revision=2,
    base_number=3,
    title="more for startups",
    sha256="cd" * 32,
    text='title = "more for startups"\n',
    steps=[
        policies.ProposalStep(
            state=policies.PROPOSAL_STATE_PROPOSED,
            by="ops",
            time=ago(days=1),
            why="startups wait too long",
        ),
        policies.ProposalStep(
            state=policies.PROPOSAL_STATE_APPROVED, by="auditor", time=ago(hours=1)
        ),
    ],
    accepted=["empty_class"],
)
CANARY = policies.Proposal()
CANARY.CopyFrom(PROPOSAL)
CANARY.state = policies.PROPOSAL_STATE_CANARY
CANARY.canary.CopyFrom(
    policies.Canary(
        classes=["startups"],
        until_time=ago(hours=-6),
        tolerated=[policies.Tolerance(objective="idle", most=20)],
    )
)
STAGE = policies.StageSummary(
    stage=policies.PROPOSAL_STATE_SHADOWED,
    cycles=412,
    since_time=ago(hours=6),
    until_time=ago(seconds=20),
    starts=31,
    held_back=12,
    recalled=4,
    barred=2,
    fared=[
        policies.Fared(
            organisation_id="caspian",
            tenant_class="startups",
            pool="alem/h200",
            held_gpus_before=8,
            held_gpus_after=15.5,
            entitled_gpus_before=16,
            entitled_gpus_after=24,
        )
    ],
)
AS_CANARY = policies.StageSummary()
AS_CANARY.CopyFrom(STAGE)
AS_CANARY.stage = policies.PROPOSAL_STATE_CANARY
AS_CANARY.measures.append(policies.Measure(objective="idle", value=3.125))


def a_past_job(number: int, **fields: Any) -> policies.PastJob:
    """Return a job of eight GPUs that came so many hours after the history began, and ran two."""
    given: dict[str, Any] = {
        "job_id": number,
        "tenant_class": "universities",
        "organisation": ORGANISATIONS[number % 2],
        "project": "speech",
        "user": f"user{number % 2}",
        "request": policies.PastRequest(
            gpus=8, nodes=1, cpus_per_task=1, walltime_seconds=4 * 3600, partitions=["alem"]
        ),
        "ready_time": ago(hours=24 - number),
        "start_time": ago(hours=24 - number),
        "end_time": ago(hours=22 - number),
    }
    return policies.PastJob(**given | fields)


ORGANISATIONS = ("astana-university", "caspian-robotics")
NODES = [
    cluster.Node(name=f"n{number}", pool="alem/h200", gpus=8, cpus=64, memory_mib=500_000)
    for number in (1, 2)
]
