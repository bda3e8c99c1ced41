"""The dashboard of one organisation: what it may have, what it has, why it waits."""

from __future__ import annotations

from deploy.grafana.panels import Dashboard, Kind, Panel, Query, Row, Unit, Variable, one

ITS = '{organisation="$organisation"}'
ITS_POOLS = '{organisation="$organisation", pool=~"$pool"}'


def _gpus_now(title: str, column: str, description: str) -> Panel:
    expression = f"sum(tendik_organisation_{column}{ITS_POOLS})"
    return Panel(title, Kind.STAT, Unit.GPUS, one(expression), description, width=4)


NOW = Row(
    "Now",
    (
        _gpus_now("Entitled", "gpus_entitled", "GPUs it may have now when all press."),
        _gpus_now("Held", "gpus_held", "GPUs its jobs hold."),
        _gpus_now("Wanted", "gpus_wanted", "GPUs it holds or asks for, within its limits."),
        _gpus_now("Borrowed", "gpus_borrowed", "GPUs held above the entitlement."),
        _gpus_now("Lent", "gpus_lent", "GPUs of its even share that others hold meanwhile."),
        Panel(
            "GPU-hours of the last day",
            Kind.STAT,
            Unit.GPU_HOURS,
            one(f"sum(organisation:tendik_gpu_hours:increase1d{ITS})"),
            "GPU-hours it held over the last day, all pools.",
            width=4,
        ),
    ),
)

ACCOUNT = Row(
    "Account",
    (
        Panel(
            "Entitled, held and wanted",
            Kind.LINES,
            Unit.GPUS,
            (
                Query(f"sum(tendik_organisation_gpus_entitled{ITS_POOLS})", "entitled"),
                Query(f"sum(tendik_organisation_gpus_held{ITS_POOLS})", "held"),
                Query(f"sum(tendik_organisation_gpus_wanted{ITS_POOLS})", "wanted"),
            ),
            "Held should follow the smaller of entitled and wanted, or lie above it by borrowing.",
            width=12,
        ),
        Panel(
            "Held by pool",
            Kind.STACKED,
            Unit.GPUS,
            one(f"sum by (pool) (tendik_organisation_gpus_held{ITS_POOLS})", "{{pool}}"),
            "Where its GPUs are.",
            width=12,
        ),
        Panel(
            "Borrowed and lent",
            Kind.LINES,
            Unit.GPUS,
            (
                Query(f"sum(tendik_organisation_gpus_borrowed{ITS_POOLS})", "borrowed"),
                Query(f"sum(tendik_organisation_gpus_lent{ITS_POOLS})", "lent"),
            ),
            "GPUs it uses of others, and GPUs of its even share that others use.",
            width=12,
        ),
        Panel(
            "Usage that counts",
            Kind.LINES,
            Unit.GPUS,
            one(f"sum(tendik_organisation_mean_gpus{ITS})", "mean"),
            "Decayed usage as a mean number of GPUs; a high one lets others go first for a while.",
            width=12,
        ),
    ),
)

QUEUE = Row(
    "Queue",
    (
        Panel(
            "Jobs by state",
            Kind.STACKED,
            Unit.JOBS,
            one(f"sum by (state) (tendik_jobs{ITS})", "{{state}}"),
            "Its live jobs.",
        ),
        Panel(
            "Pending jobs by reason",
            Kind.STACKED,
            Unit.JOBS,
            one(f"sum by (reason) (tendik_pending_jobs{ITS})", "{{reason}}"),
            "Why its jobs wait.",
        ),
        Panel(
            "Pending GPUs by reason",
            Kind.STACKED,
            Unit.GPUS,
            one(f"sum by (reason) (tendik_pending_gpus{ITS})", "{{reason}}"),
            "GPUs its pending jobs ask for, by why they wait.",
        ),
        Panel(
            "Wait, 95 of 100 jobs",
            Kind.LINES,
            Unit.SECONDS,
            (
                Query(f"organisation:tendik_job_wait_seconds:p95_6h{ITS}", "{{organisation}}"),
                Query("max(class:tendik_job_wait_seconds:p95_6h)", "longest of all classes"),
            ),
            "Of the jobs started within 6 h, 95 of 100 had waited less than this.",
        ),
        Panel(
            "Waits",
            Kind.HEATMAP,
            Unit.SECONDS,
            one(
                f"sum by (le) (increase(tendik_job_wait_seconds_bucket{ITS}[$__rate_interval]))",
                "{{le}}",
            ),
            "How long jobs had waited when they started.",
        ),
        Panel(
            "Jobs that ended, by how",
            Kind.STACKED,
            Unit.JOBS,
            one(
                f"sum by (state) (increase(tendik_jobs_ended_total{ITS}[$__rate_interval]))",
                "{{state}}",
            ),
            "Its jobs that ended within each step of the graph.",
        ),
    ),
)

ORGANISATION = Dashboard(
    uid="tendik-organisation",
    title="Tendik: organisation",
    description="One organisation's account and queue.",
    rows=(NOW, ACCOUNT, QUEUE),
    variables=(
        Variable("organisation", "organisation", "tendik_organisation_gpus_entitled"),
        Variable("pool", "pool", "tendik_pool_gpus_capacity", all_at_once=True),
    ),
)
