"""Every metric of the service, once: name, kind, meaning, unit, labels and buckets."""

from __future__ import annotations

from exporters.metric import Kind, Label, Metric

MINUTE, HOUR, DAY = 60, 3600, 86400

# Steps people feel: at once, a coffee, half a day, a night, the days of a queue. The last, 14 d,
# is twice the default longest walltime: a longer wait is a failure, whatever its length.
WAIT_BUCKETS_S = (
    *(1, 5, 15),
    *(minutes * MINUTE for minutes in (1, 5, 15, 30)),
    *(hours * HOUR for hours in (1, 2, 4, 8, 16)),
    *(days * DAY for days in (1, 2, 4, 7, 14)),
)
# From an idle cluster to a search stopped by its time limit, and a minute beyond hope.
CYCLE_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

TENANT = (Label.CLASS, Label.ORGANISATION)
ACCOUNT = (*TENANT, Label.POOL)


def _account(name: str, meaning: str) -> Metric:
    return Metric(name, Kind.GAUGE, meaning, "gpus", ACCOUNT)


# One organisation's account, as of the last cycle.
ORGANISATION_ENTITLED = _account(
    "tendik_organisation_gpus_entitled",
    "GPUs the organisation may have now when all press: its entitlement.",
)
ORGANISATION_HELD = _account(
    "tendik_organisation_gpus_held",
    "GPUs allocated to the organisation: on their way to the cluster, queued there or running.",
)
ORGANISATION_WANTED = _account(
    "tendik_organisation_gpus_wanted",
    "GPUs the organisation holds or asks for in pending jobs, within its limits.",
)
ORGANISATION_BORROWED = _account(
    "tendik_organisation_gpus_borrowed",
    "GPUs the organisation holds above its entitlement.",
)
ORGANISATION_LENT = _account(
    "tendik_organisation_gpus_lent",
    "GPUs of the organisation's even share that others hold while it does not use them.",
)
ORGANISATION_OWED = _account(
    "tendik_organisation_gpus_owed",
    "GPUs due to the organisation that its waiting gangs can use and others hold as borrowed.",
)
ORGANISATION_MEAN = Metric(
    "tendik_organisation_mean_gpus",
    Kind.GAUGE,
    "Decayed usage in all pools, as the mean number of rate-normalised GPUs over the memory.",
    "gpus",
    TENANT,
)
GPU_SECONDS = Metric(
    "tendik_gpu_seconds_total",
    Kind.COUNTER,
    "GPU-seconds held, added up from cycle to cycle; charges are made from the job records.",
    "gpu-seconds",
    ACCOUNT,
)

# Pools.
POOL_CAPACITY = Metric(
    "tendik_pool_gpus_capacity",
    Kind.GAUGE,
    "GPUs of the pool's nodes that are up.",
    "gpus",
    (Label.POOL,),
)
POOL_HELD = Metric(
    "tendik_pool_gpus_held",
    Kind.GAUGE,
    "GPUs of the pool that jobs of this service hold.",
    "gpus",
    (Label.POOL,),
)
POOL_FOREIGN = Metric(
    "tendik_pool_gpus_foreign",
    Kind.GAUGE,
    "GPUs of the pool held by jobs that did not come through this service.",
    "gpus",
    (Label.POOL,),
)
POOL_WANTED = Metric(
    "tendik_pool_gpus_wanted",
    Kind.GAUGE,
    "GPUs of the pool that organisations hold or ask for in pending jobs, within their limits.",
    "gpus",
    (Label.POOL,),
)
POOL_NODES = Metric(
    "tendik_pool_nodes",
    Kind.GAUGE,
    "Nodes of the pool that can start jobs (available), and those that cannot (unavailable).",
    "nodes",
    (Label.POOL, Label.STATE),
)

# Fairness, as of the last cycle.
FAIRNESS_ERROR = Metric(
    "tendik_fairness_error_ratio",
    Kind.GAUGE,
    "Mean relative distance of held from entitled GPUs, of those who want more: 0 is fair.",
    "ratio",
    (Label.POOL,),
)
FAIRNESS_JAIN = Metric(
    "tendik_fairness_jain_ratio",
    Kind.GAUGE,
    "Jain's index of held by entitled GPUs over the pool's organisations: 1 is fair.",
    "ratio",
    (Label.POOL,),
)

# The queue, read from the store.
JOBS = Metric(
    "tendik_jobs",
    Kind.GAUGE,
    "Live jobs by state.",
    "jobs",
    (*TENANT, Label.STATE),
)
PENDING_JOBS = Metric(
    "tendik_pending_jobs",
    Kind.GAUGE,
    "Pending jobs by the first of the reasons why they wait.",
    "jobs",
    (*TENANT, Label.REASON),
)
PENDING_GPUS = Metric(
    "tendik_pending_gpus",
    Kind.GAUGE,
    "GPUs that pending jobs ask for, by the first of the reasons why they wait.",
    "gpus",
    (*TENANT, Label.REASON),
)

# Grants that pay now; those of one project and fund are served as one.
GRANT = (Label.FUND, Label.ORGANISATION, Label.PROJECT)
GRANT_GRANTED = Metric(
    "tendik_grant_gpu_hours_granted",
    Kind.GAUGE,
    "GPU-hours that the project's grants of the fund have in all.",
    "gpu-hours",
    GRANT,
)
GRANT_HELD = Metric(
    "tendik_grant_gpu_hours_held",
    Kind.GAUGE,
    "GPU-hours that the project's waiting and running jobs hold of them.",
    "gpu-hours",
    GRANT,
)
GRANT_CHARGED = Metric(
    "tendik_grant_gpu_hours_charged",
    Kind.GAUGE,
    "GPU-hours that the project's ended runs were charged; refunds are taken off.",
    "gpu-hours",
    GRANT,
)
GRANT_USED = Metric(
    "tendik_grant_used_ratio",
    Kind.GAUGE,
    "Part of them that is charged or held: 1 is used up.",
    "ratio",
    GRANT,
)

# Jobs' ways.
JOB_WAIT = Metric(
    "tendik_job_wait_seconds",
    Kind.HISTOGRAM,
    "Time from a job's submission to its first start.",
    "seconds",
    TENANT,
    WAIT_BUCKETS_S,
)
JOBS_ENDED = Metric(
    "tendik_jobs_ended_total",
    Kind.COUNTER,
    "Jobs that ended, by how they ended.",
    "jobs",
    (*TENANT, Label.STATE),
)

RECALLS = Metric(
    "tendik_recalls_total",
    Kind.COUNTER,
    "Runs that a recall ended, by whose they were: their borrowed GPUs were owed to others.",
    "runs",
    TENANT,
)
RECALLED_GPU_SECONDS = Metric(
    "tendik_recalled_gpu_seconds_total",
    Kind.COUNTER,
    "GPU-seconds that recalled runs had used when it was decided: the most that recalls lost.",
    "gpu-seconds",
)

IDLED_GPU_SECONDS = Metric(
    "tendik_gpu_seconds_idled_total",
    Kind.COUNTER,
    "GPU-seconds that planned starts kept free while jobs waited that could have used them.",
    "gpu-seconds",
    (Label.POOL,),
)
RESERVED_IDLE_GPU_SECONDS = Metric(
    "tendik_gpu_seconds_reserved_idle_total",
    Kind.COUNTER,
    "GPU-seconds that reservations kept free while jobs waited that could have used them.",
    "gpu-seconds",
    (Label.POOL,),
)

# The scheduler itself.
CYCLE_DURATION = Metric(
    "tendik_cycle_duration_seconds",
    Kind.HISTOGRAM,
    "Time one cycle took.",
    "seconds",
    (),
    CYCLE_BUCKETS_S,
)
CYCLES = Metric(
    "tendik_cycles_total",
    Kind.COUNTER,
    "Cycles by the allocator that decided and how its search ended.",
    "cycles",
    (Label.STATUS, Label.SOLVER),
)
CYCLE_LAST = Metric(
    "tendik_cycle_last_timestamp_seconds",
    Kind.GAUGE,
    "When the last cycle took its snapshot, in seconds since 1970; 0 before the first.",
    "seconds",
)
SOLVER_STATUS = Metric(
    "tendik_solver_status",
    Kind.GAUGE,
    "1 for the status that the last cycle's search ended with, 0 for the others.",
    "flag",
    (Label.STATUS,),
)
SOLVER_FALLBACKS = Metric(
    "tendik_solver_fallbacks_total",
    Kind.COUNTER,
    "Cycles that a fall-back decided because the first allocator could not.",
    "cycles",
)
AUDIT_VIOLATIONS = Metric(
    "tendik_audit_violations_total",
    Kind.COUNTER,
    "Rules that the audit found broken by decisions, which it then threw away.",
    "violations",
)
RECEIPTS = Metric(
    "tendik_receipts_total",
    Kind.COUNTER,
    "Receipts of cycles: kept, failed to be written, or skipped because others were not done yet.",
    "receipts",
    (Label.OUTCOME,),
)
SUBMISSIONS = Metric(
    "tendik_submissions_total",
    Kind.COUNTER,
    "Submissions to the backend by what came of them.",
    "jobs",
    (Label.OUTCOME,),
)
POLICY_VERSION = Metric(
    "tendik_policy_version",
    Kind.GAUGE,
    "Number of the policy in force.",
    "number",
)
POLICY_CAME_BACK = Metric(
    "tendik_policy_came_back",
    Kind.GAUGE,
    "1 while the policy in force is one that came back by itself, as a canary did harm; else 0.",
    "flag",
)
POLICY_WARNINGS = Metric(
    "tendik_policy_warnings",
    Kind.GAUGE,
    "Where the policy in force does not fit the cluster or its tenants as they are, by kind.",
    "warnings",
    (Label.WARNING,),
)

# How honest the start times are that waiting jobs are told.
START_ESTIMATES_JUDGED = Metric(
    "tendik_start_estimates_judged",
    Kind.GAUGE,
    "Newest estimates of start times, 500 at most, of which it is known how they came out.",
    "jobs",
    (Label.CLASS,),
)
START_ESTIMATE_COVERAGE = Metric(
    "tendik_start_estimate_coverage_ratio",
    Kind.GAUGE,
    "Part of these jobs that started within their P50, and their P90: 0.5 and 0.9 are honest.",
    "ratio",
    (Label.CLASS, Label.QUANTILE),
)

# Which replica it is.
LEADER = Metric(
    "tendik_leader",
    Kind.GAUGE,
    "1 while this replica leads: it alone decides, acts, and serves the cluster's metrics; else 0.",
    "flag",
)
LEADER_EPOCH = Metric(
    "tendik_leader_epoch",
    Kind.GAUGE,
    "Number of the newest term in which this replica led; 0 before.",
    "number",
)

# The backend.
BACKEND_UP = Metric(
    "tendik_backend_up",
    Kind.GAUGE,
    "1 when the last read of the backend was good, else 0.",
    "flag",
    (Label.BACKEND,),
)
BACKEND_OUTAGES = Metric(
    "tendik_backend_outages_total",
    Kind.COUNTER,
    "Times the backend went from answering to not answering.",
    "outages",
    (Label.BACKEND,),
)
BACKEND_LAST_READ = Metric(
    "tendik_backend_last_read_timestamp_seconds",
    Kind.GAUGE,
    "When the backend was last read well, in seconds since 1970; 0 before the first time.",
    "seconds",
    (Label.BACKEND,),
)

# The exporter about itself.
SCRAPE_DURATION = Metric(
    "tendik_exporter_scrape_duration_seconds",
    Kind.GAUGE,
    "Time this scrape took to read the view and the store.",
    "seconds",
)
EXPORTER_ERRORS = Metric(
    "tendik_exporter_errors_total",
    Kind.COUNTER,
    "Reads that failed during a scrape; what they feed is missing from that scrape.",
    "errors",
    (Label.SOURCE,),
)
BUILD_INFO = Metric(
    "tendik_build_info",
    Kind.GAUGE,
    "Always 1; the labels say what runs.",
    "flag",
    (Label.VERSION, Label.PYTHON),
)

# In the order an operator reads them.
METRICS: tuple[Metric, ...] = (
    ORGANISATION_ENTITLED,
    ORGANISATION_HELD,
    ORGANISATION_WANTED,
    ORGANISATION_BORROWED,
    ORGANISATION_LENT,
    ORGANISATION_OWED,
    ORGANISATION_MEAN,
    GPU_SECONDS,
    POOL_CAPACITY,
    POOL_HELD,
    POOL_FOREIGN,
    POOL_WANTED,
    POOL_NODES,
    FAIRNESS_ERROR,
    FAIRNESS_JAIN,
    JOBS,
    PENDING_JOBS,
    PENDING_GPUS,
    GRANT_GRANTED,
    GRANT_HELD,
    GRANT_CHARGED,
    GRANT_USED,
    JOB_WAIT,
    JOBS_ENDED,
    *(RECALLS, RECALLED_GPU_SECONDS),
    *(IDLED_GPU_SECONDS, RESERVED_IDLE_GPU_SECONDS),
    CYCLE_DURATION,
    CYCLES,
    CYCLE_LAST,
    SOLVER_STATUS,
    SOLVER_FALLBACKS,
    AUDIT_VIOLATIONS,
    RECEIPTS,
    SUBMISSIONS,
    POLICY_VERSION,
    POLICY_CAME_BACK,
    POLICY_WARNINGS,
    START_ESTIMATES_JUDGED,
    START_ESTIMATE_COVERAGE,
    LEADER,
    LEADER_EPOCH,
    BACKEND_UP,
    BACKEND_OUTAGES,
    BACKEND_LAST_READ,
    SCRAPE_DURATION,
    EXPORTER_ERRORS,
    BUILD_INFO,
)

# What prometheus_client adds about the process, as far as dashboards use it.
PROCESS_METRICS = frozenset(
    {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
)
