"""The dashboard of operators: does the scheduler itself do its work?"""

from __future__ import annotations

from deploy.grafana.panels import (
    MUST_BE_ONE,
    MUST_BE_ZERO,
    Colour,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    Thresholds,
    Unit,
    one,
)

FEW = Thresholds(Colour.GOOD, ((0.01, Colour.WATCH), (0.1, Colour.BAD)))
RECENT = Thresholds(Colour.GOOD, ((30, Colour.WATCH), (60, Colour.BAD)))

NOW = Row(
    "Now",
    (
        Panel(
            "Leads",
            Kind.TABLE,
            Unit.PLAIN,
            one("max by (instance) (tendik_leader)", "leader"),
            "Which replica decides: 1; an alert comes when for a minute none does.",
            width=4,
        ),
        Panel(
            "Backend answers",
            Kind.STAT,
            Unit.YES_NO,
            one("tendik_backend_up", "{{backend}}"),
            "Whether the last read of the backend was good.",
            width=4,
            thresholds=MUST_BE_ONE,
        ),
        Panel(
            "Since the last cycle",
            Kind.STAT,
            Unit.SECONDS,
            one("time() - tendik_cycle_last_timestamp_seconds"),
            "Age of the last cycle's snapshot; an alert comes at 60 s.",
            width=4,
            thresholds=RECENT,
        ),
        Panel(
            "Decided by the fall-back",
            Kind.STAT,
            Unit.RATIO,
            one("scheduler:tendik_solver_fallbacks:ratio_15m"),
            "Part of the last 15 minutes' cycles that the fall-back decided.",
            width=4,
            thresholds=FEW,
        ),
        Panel(
            "Audit violations, last day",
            Kind.STAT,
            Unit.PLAIN,
            one("sum(increase(tendik_audit_violations_total[1d]))"),
            "Broken rules that the audit found in decisions; each is a fault in the code.",
            width=4,
            thresholds=MUST_BE_ZERO,
        ),
        Panel(
            "Receipts missing, last day",
            Kind.STAT,
            Unit.PLAIN,
            one('sum(increase(tendik_receipts_total{outcome!="kept"}[1d]))'),
            "Cycles whose receipt could not be written, or was skipped: nobody can check them.",
            width=4,
            thresholds=MUST_BE_ZERO,
        ),
        Panel(
            "Policy",
            Kind.STAT,
            Unit.PLAIN,
            one("max(tendik_policy_version)"),
            "Number of the policy in force.",
            width=4,
        ),
        Panel(
            "Policy's warnings",
            Kind.STAT,
            Unit.PLAIN,
            one("sum(tendik_policy_warnings)"),
            "Where it does not fit the cluster or its tenants, such as a pool that is not there.",
            width=4,
            thresholds=Thresholds(Colour.GOOD, ((1, Colour.WATCH),)),
        ),
        Panel(
            "Version",
            Kind.TABLE,
            Unit.PLAIN,
            one("sum by (version, python) (tendik_build_info)", "running"),
            "What runs.",
            width=4,
        ),
    ),
)

CYCLES = Row(
    "Cycles",
    (
        Panel(
            "Time of a cycle",
            Kind.HEATMAP,
            Unit.SECONDS,
            one(
                "sum by (le) (increase(tendik_cycle_duration_seconds_bucket[$__rate_interval]))",
                "{{le}}",
            ),
            "How long cycles took.",
        ),
        Panel(
            "Time of a cycle, mean and 95 of 100",
            Kind.LINES,
            Unit.SECONDS,
            (
                Query("scheduler:tendik_cycle_duration_seconds:p95_10m", "95 of 100"),
                Query(
                    "rate(tendik_cycle_duration_seconds_sum[$__rate_interval])"
                    " / (rate(tendik_cycle_duration_seconds_count[$__rate_interval]) > 0)",
                    "mean",
                ),
            ),
            "The solver's time limit bounds it; freed GPUs wait for the next cycle.",
        ),
        Panel(
            "Cycles by solver and status",
            Kind.STACKED,
            Unit.PER_SECOND,
            one(
                "sum by (solver, status) (rate(tendik_cycles_total[$__rate_interval]))",
                "{{solver}} {{status}}",
            ),
            "Cycles per second; feasible means the time limit ended the search.",
        ),
        Panel(
            "Solver's status",
            Kind.TIMELINE,
            Unit.PLAIN,
            one("max by (status) (tendik_solver_status)", "{{status}}"),
            "1 where the last cycle's search ended so.",
        ),
        Panel(
            "Fall-backs",
            Kind.LINES,
            Unit.PLAIN,
            one("sum(increase(tendik_solver_fallbacks_total[$__rate_interval]))", "fall-backs"),
            "Cycles that the fall-back decided within each step of the graph.",
        ),
        Panel(
            "Alerts",
            Kind.TABLE,
            Unit.PLAIN,
            one(
                "sum by (alertname, severity, alertstate, organisation, pool)"
                ' (ALERTS{alertname=~"Tendik.+"})',
                "alerts",
            ),
            "Alerts that fire or are about to; docs/operators.md has a page on each.",
        ),
    ),
)

BACKEND = Row(
    "Backend and store",
    (
        Panel(
            "Submissions by outcome",
            Kind.STACKED,
            Unit.JOBS,
            one(
                "sum by (outcome) (increase(tendik_submissions_total[$__rate_interval]))",
                "{{outcome}}",
            ),
            "unknown means that the backend's answer was lost; the same attempt is tried again.",
        ),
        Panel(
            "Since the backend was read",
            Kind.LINES,
            Unit.SECONDS,
            one("time() - tendik_backend_last_read_timestamp_seconds", "{{backend}}"),
            "Age of the newest good read.",
        ),
        Panel(
            "Backend outages, last day",
            Kind.LINES,
            Unit.PLAIN,
            one("max by (backend) (increase(tendik_backend_outages_total[1d]))", "{{backend}}"),
            "Times it stopped answering within the day before.",
        ),
        Panel(
            "Live jobs",
            Kind.STACKED,
            Unit.JOBS,
            one("sum by (state) (tendik_jobs)", "{{state}}"),
            "Jobs by state; many in submitting mean that the backend answers slowly.",
        ),
        Panel(
            "Exporter errors",
            Kind.LINES,
            Unit.PLAIN,
            one(
                "sum by (source) (increase(tendik_exporter_errors_total[$__rate_interval]))",
                "{{source}}",
            ),
            "Reads that failed during scrapes.",
        ),
        Panel(
            "Scrape",
            Kind.LINES,
            Unit.SECONDS,
            one("tendik_exporter_scrape_duration_seconds", "{{instance}}"),
            "Time to read the view and the store for one scrape.",
        ),
    ),
)

PROMISES = Row(
    "Receipts, recalls and planned starts",
    (
        Panel(
            "Audit violations",
            Kind.LINES,
            Unit.PLAIN,
            one("sum(increase(tendik_audit_violations_total[$__rate_interval]))", "violations"),
            "Broken rules that the audit found within each step of the graph.",
        ),
        Panel(
            "Receipts by outcome",
            Kind.STACKED,
            Unit.PLAIN,
            one(
                "sum by (outcome) (increase(tendik_receipts_total[$__rate_interval]))",
                "{{outcome}}",
            ),
            "Receipts of cycles within each step; failed and skipped ones leave a gap.",
        ),
        Panel(
            "Policy's warnings by kind",
            Kind.LINES,
            Unit.PLAIN,
            one("max by (warning) (tendik_policy_warnings)", "{{warning}}"),
            "Where the policy in force does not fit the cluster or the tenants as they are.",
        ),
        Panel(
            "Recalled runs",
            Kind.STACKED,
            Unit.PLAIN,
            one(
                "sum by (organisation) (increase(tendik_recalls_total[$__rate_interval]))",
                "{{organisation}}",
            ),
            "Runs that a recall ended within each step, by whose they were.",
        ),
        Panel(
            "GPU-hours that recalls may have lost",
            Kind.LINES,
            Unit.GPU_HOURS,
            one("sum(increase(tendik_recalled_gpu_seconds_total[1h])) / 3600", "within 1 h"),
            "What recalled runs had used within the hour before; a checkpoint saves most of it.",
        ),
        Panel(
            "GPU-hours idled for planned starts",
            Kind.LINES,
            Unit.GPU_HOURS,
            one("pool:tendik_gpu_hours_idled:increase1d", "{{pool}}"),
            "GPUs kept free for planned starts within the day before, while others wanted them.",
        ),
    ),
)

PROCESS = Row(
    "Process",
    (
        Panel(
            "Memory",
            Kind.LINES,
            Unit.BYTES,
            one('process_resident_memory_bytes{job="tendik-scheduler"}', "{{instance}}"),
            "Resident memory of the service.",
        ),
        Panel(
            "Processor",
            Kind.LINES,
            Unit.PLAIN,
            one(
                'rate(process_cpu_seconds_total{job="tendik-scheduler"}[$__rate_interval])',
                "{{instance}}",
            ),
            "Cores in use.",
        ),
        Panel(
            "Open files",
            Kind.LINES,
            Unit.PLAIN,
            one('process_open_fds{job="tendik-scheduler"}', "{{instance}}"),
            "Open files and connections; a steady rise is a leak.",
        ),
    ),
)

SCHEDULER = Dashboard(
    uid="tendik-scheduler",
    title="Tendik: scheduler",
    description="The health of the service: cycles, solver, backend, store, exporter, process.",
    rows=(NOW, CYCLES, PROMISES, BACKEND, PROCESS),
)
