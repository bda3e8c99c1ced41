"""The dashboard for everybody: is the machine used, and used equally?"""

from __future__ import annotations

from deploy.grafana.panels import (
    LESS_IS_WORSE,
    MUST_BE_ONE,
    Colour,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    Thresholds,
    Unit,
    Variable,
    one,
)

IN_POOL = '{pool=~"$pool"}'

NOW = Row(
    "Now",
    (
        Panel(
            "GPUs in use",
            Kind.STAT,
            Unit.RATIO,
            one("cluster:tendik_gpus_used:ratio"),
            "Part of the GPUs of nodes that are up that anybody's jobs hold.",
            width=4,
            thresholds=LESS_IS_WORSE,
        ),
        Panel(
            "Capacity",
            Kind.STAT,
            Unit.GPUS,
            one(f"sum(tendik_pool_gpus_capacity{IN_POOL})"),
            "GPUs of nodes that are up.",
            width=4,
        ),
        Panel(
            "Idle",
            Kind.STAT,
            Unit.GPUS,
            one(f"sum(pool:tendik_gpus_idle:sum{IN_POOL})"),
            "GPUs that nobody holds.",
            width=4,
        ),
        Panel(
            "Pending jobs",
            Kind.STAT,
            Unit.JOBS,
            one('sum(tendik_jobs{state="pending"})'),
            "Jobs that wait for a decision to start them.",
            width=4,
        ),
        Panel(
            "Evenness",
            Kind.STAT,
            Unit.RATIO,
            one("min(tendik_fairness_jain_ratio)"),
            "Jain's index of held by entitled GPUs in the least even pool: 100 % is fair.",
            width=4,
            thresholds=LESS_IS_WORSE,
        ),
        Panel(
            "Backend answers",
            Kind.STAT,
            Unit.YES_NO,
            one("min(tendik_backend_up)"),
            "Whether the cluster behind the service was read well the last time.",
            width=4,
            thresholds=MUST_BE_ONE,
        ),
    ),
)

ACCOUNT = ("entitled", "held", "wanted", "borrowed", "lent", "owed")


def _column(name: str) -> Query:
    expression = f"sum by (class, organisation, pool) (tendik_organisation_gpus_{name}{IN_POOL})"
    return Query(expression, name)


EQUAL_ACCESS = Row(
    "Equal access",
    (
        Panel(
            "GPUs held by class",
            Kind.STACKED,
            Unit.GPUS,
            (
                Query(f"sum by (class) (class:tendik_gpus_held:sum{IN_POOL})", "{{class}}"),
                Query(f"sum(tendik_pool_gpus_foreign{IN_POOL})", "not through this service"),
            ),
            "Who holds the GPUs; the top of the stack is the use of the chosen pools.",
            width=12,
        ),
        Panel(
            "GPUs entitled by class",
            Kind.STACKED,
            Unit.GPUS,
            one(f"sum by (class) (class:tendik_gpus_entitled:sum{IN_POOL})", "{{class}}"),
            "What each class may have now: the capacity shared out among those who want it.",
            width=12,
        ),
        Panel(
            "Held by entitled, each organisation",
            Kind.BARS,
            Unit.RATIO,
            one(
                f"organisation_pool:tendik_gpus_held:ratio{IN_POOL}",
                "{{organisation}} · {{pool}}",
            ),
            "100 % has its entitlement, more borrows, less waits for others' jobs to end.",
            width=12,
            thresholds=Thresholds(Colour.WATCH, ((0.9, Colour.GOOD), (1.1, Colour.NEUTRAL))),
        ),
        Panel(
            "Fairness error",
            Kind.LINES,
            Unit.RATIO,
            one(f"tendik_fairness_error_ratio{IN_POOL}", "{{pool}}"),
            "Mean distance of held from entitled GPUs, of those who want more; 0 is fair.",
            width=12,
        ),
        Panel(
            "Accounts",
            Kind.TABLE,
            Unit.PLAIN,
            tuple(map(_column, ACCOUNT)),
            "Every organisation's account in GPUs, for everybody to check.",
            width=16,
        ),
        Panel(
            "Usage that counts",
            Kind.BARS,
            Unit.GPUS,
            one("sort_desc(tendik_organisation_mean_gpus)", "{{organisation}}"),
            "Decayed usage as a mean number of GPUs: the lower goes first among equals.",
        ),
    ),
)

QUEUE = Row(
    "Queue and use",
    (
        Panel(
            "Use by pool",
            Kind.LINES,
            Unit.RATIO,
            one(f"pool:tendik_gpus_used:ratio{IN_POOL}", "{{pool}}"),
            "Part of each pool's GPUs that anybody's jobs hold.",
        ),
        Panel(
            "Pending jobs by reason",
            Kind.STACKED,
            Unit.JOBS,
            one("sum by (reason) (tendik_pending_jobs)", "{{reason}}"),
            "Why jobs wait; `tendik why` tells each job's owner the same.",
        ),
        Panel(
            "Wait, 95 of 100 jobs, by class",
            Kind.LINES,
            Unit.SECONDS,
            one("class:tendik_job_wait_seconds:p95_6h", "{{class}}"),
            "Of the jobs started within 6 h, 95 of 100 had waited less than this.",
        ),
        Panel(
            "GPU-hours of the last day",
            Kind.BARS,
            Unit.GPU_HOURS,
            one("sort_desc(organisation:tendik_gpu_hours:increase1d)", "{{organisation}}"),
            "What each organisation held over the last day.",
        ),
        Panel(
            "Jobs that ended, by how",
            Kind.STACKED,
            Unit.JOBS,
            one(
                "sum by (state) (increase(tendik_jobs_ended_total[$__rate_interval]))", "{{state}}"
            ),
            "Jobs that ended within each step of the graph.",
        ),
        Panel(
            "GPUs idled for planned starts",
            Kind.LINES,
            Unit.GPUS,
            one(
                f"sum by (pool) (rate(tendik_gpu_seconds_idled_total{IN_POOL}[$__rate_interval]))",
                "{{pool}}",
            ),
            "GPUs kept free for a large or old job's planned start that other jobs could use.",
        ),
        Panel(
            "GPUs idled for reservations",
            Kind.LINES,
            Unit.GPUS,
            one(
                "sum by (pool) "
                f"(rate(tendik_gpu_seconds_reserved_idle_total{IN_POOL}[$__rate_interval]))",
                "{{pool}}",
            ),
            "GPUs that the policy's reservations keep free, and that other jobs could use.",
        ),
        Panel(
            "Nodes that cannot start jobs",
            Kind.LINES,
            Unit.NODES,
            one('tendik_pool_nodes{pool=~"$pool", state="unavailable"}', "{{pool}}"),
            "Nodes that are down, drained or unknown; their GPUs are not shared out.",
        ),
    ),
)

CLUSTER = Dashboard(
    uid="tendik-cluster",
    title="Tendik: cluster",
    description="Who is entitled to what, who holds it, and who waits.",
    rows=(NOW, EQUAL_ACCESS, QUEUE),
    variables=(Variable("pool", "pool", "tendik_pool_gpus_capacity", all_at_once=True),),
)
