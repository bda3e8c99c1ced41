"""A real gRPC server with canned answers, a memory of requests, and faults on demand."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # no stubs
from grpc_status import rpc_status

from scheduler.v1 import budget_service_pb2 as budgets
from scheduler.v1 import budget_service_pb2_grpc as budgets_grpc
from scheduler.v1 import cluster_service_pb2_grpc as cluster_grpc
from scheduler.v1 import job_service_pb2 as jobs
from scheduler.v1 import job_service_pb2_grpc as jobs_grpc
from scheduler.v1 import policy_service_pb2 as policies
from scheduler.v1 import policy_service_pb2_grpc as policies_grpc
from scheduler.v1 import tenant_service_pb2 as tenants
from scheduler.v1 import tenant_service_pb2_grpc as tenants_grpc
from scheduler.v1.cluster_service_pb2 import (
    ExplainOrganisationResponse,
    GetClusterResponse,
    GetOverviewResponse,
    GetReceiptResponse,
    ListReservationsResponse,
    ListSharesResponse,
    ListTrackRecordsResponse,
    Reservation,
    TrackRecord,
)
from tests.cli.budget_world import AI_FUND, LEDGER, a_grant
from tests.cli.overview_world import ACCOUNT, OVERVIEW
from tests.cli.world import (
    ALIYA,
    AS_CANARY,
    CANARY,
    CLUSTER,
    EFFICIENCY,
    FORECAST,
    NODES,
    POLICY,
    PROPOSAL,
    REGISTER_STEPS,
    REGISTER_TEXT,
    SHARES,
    SPEECH,
    STAGE,
    TENANT_CHANGE,
    TOKEN,
    a_job,
    a_past_job,
    ago,
)

Context = grpc.ServicerContext


def fault(code: grpc.StatusCode, message: str, *details: Message) -> grpc.Status:
    """Return a status with details as the service sends them."""
    proto = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        proto.details.add().Pack(detail)
    status: grpc.Status = rpc_status.to_status(proto)
    return status


def reason(name: str, mend: str = "") -> Message:
    told = {"mend": mend} if mend else {}
    info: Message = error_details_pb2.ErrorInfo(reason=name, domain="tendik", metadata=told)
    return info


def violations(*places_and_texts: tuple[str, str]) -> Message:
    bad: Message = error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=field, description=text)
            for field, text in places_and_texts
        ]
    )
    return bad


class Service(
    jobs_grpc.JobServiceServicer,
    tenants_grpc.TenantServiceServicer,
    cluster_grpc.ClusterServiceServicer,
    policies_grpc.PolicyServiceServicer,
    budgets_grpc.BudgetServiceServicer,
):
    """Answers from its fields, which tests set.

    Each call takes one of `faults` and answers with it, unless it is None.
    """

    def __init__(self) -> None:
        self.jobs: list[jobs.Job] = []
        self.changes: list[jobs.Job] = []
        self.submitted: list[jobs.Job] = [a_job()]
        self.efficiency = EFFICIENCY
        self.explanation: jobs.Explanation | None = None
        self.problems: list[policies.PolicyProblem] = []
        self.warnings: list[policies.PolicyProblem] = []
        self.policies = [POLICY]
        self.projects = [SPEECH]
        self.steps = list(REGISTER_STEPS)
        self.cluster = CLUSTER
        self.past_jobs = [a_past_job(number) for number in range(1, 7)]
        self.past_jobs_each_page = 4
        self.shares = list(SHARES)
        self.overview = OVERVIEW
        self.account = ACCOUNT
        self.track_records = [
            TrackRecord(tenant_class="universities", judged=200, within_p50=98, within_p90=182)
        ]
        self.reservations = [
            Reservation(
                name="course",
                pool="alem/h200",
                organisation_id="steppe",
                project_id="vision",
                start_time=ago(seconds=1),
                end_time=ago(seconds=-3600),
                gpus=16,
                nodes=["gpu-03", "gpu-04"],
                weekly=True,
            ),
            Reservation(
                name="cooling",
                pool="alem/h200",
                start_time=ago(seconds=-7200),
                end_time=ago(seconds=-9000),
                gpus=8,
                nodes=["gpu-01"],
            ),
            Reservation(
                name="students",
                pool="alem/h200",
                tenant_class="students",
                start_time=ago(seconds=-7200),
                end_time=ago(seconds=-9000),
            ),
        ]
        self.grants = [a_grant(charged=500.5, held=100)]
        self.ledger = list(LEDGER)
        self.ledger_page = 2
        self.shares_time = ago(seconds=1)
        self.faults: deque[grpc.Status | None] = deque()
        self.stream_faults: deque[grpc.Status] = deque()
        # Of each stream of output in turn: its messages, then the fault that breaks it, if any.
        self.outputs: deque[tuple[list[jobs.ReadJobOutputResponse], grpc.Status | None]] = deque()
        self.holds_streams = False
        self.delay_s = 0.0
        self.requests: list[Any] = []
        self.languages: list[str] = []

    def last(self, kind: type[Any]) -> Any:
        """Return the newest request of this message type."""
        return next(request for request in reversed(self.requests) if isinstance(request, kind))

    def of(self, kind: type[Any]) -> list[Any]:
        return [request for request in self.requests if isinstance(request, kind)]

    def _take(self, request: Any, context: Context) -> None:
        self.requests.append(request)
        until = time.monotonic() + self.delay_s
        while time.monotonic() < until and context.is_active():
            time.sleep(0.02)
        metadata = dict(context.invocation_metadata())
        self.languages.append(str(metadata.get("accept-language", "")))
        if metadata.get("authorization") != f"Bearer {TOKEN}":
            refusal = fault(
                grpc.StatusCode.UNAUTHENTICATED,
                "this token names nobody",
                reason("NOT_AUTHENTICATED"),
            )
            context.abort_with_status(refusal)
        if self.faults and (status := self.faults.popleft()):
            context.abort_with_status(status)

    def _job(self, name: str, context: Context) -> jobs.Job:
        for job in self.jobs:
            if job.name == name:
                return job
        missing = fault(grpc.StatusCode.NOT_FOUND, f"no job {name!r}", reason("NOT_FOUND"))
        context.abort_with_status(missing)
        raise AssertionError(name)

    def SubmitJob(self, request: Any, context: Context) -> jobs.SubmitJobResponse:
        self._take(request, context)
        return jobs.SubmitJobResponse(jobs=self.submitted)

    def BatchSubmitJobs(self, request: Any, context: Context) -> jobs.BatchSubmitJobsResponse:
        raise NotImplementedError

    def GetJob(self, request: Any, context: Context) -> jobs.GetJobResponse:
        self._take(request, context)
        return jobs.GetJobResponse(job=self._job(request.name, context))

    def ListJobs(self, request: Any, context: Context) -> jobs.ListJobsResponse:
        self._take(jobs.ListJobsRequest.FromString(request.SerializeToString()), context)
        found = [job for job in self.jobs if _matches(job, request)]
        begin = int(request.page_token or 0)
        end = begin + request.page_size
        token = str(end) if end < len(found) else ""
        return jobs.ListJobsResponse(jobs=found[begin:end], next_page_token=token)

    def CancelJob(self, request: Any, context: Context) -> jobs.CancelJobResponse:
        self._take(request, context)
        job = jobs.Job.FromString(self._job(request.name, context).SerializeToString())
        job.cancel_requested = True
        if job.state == jobs.JOB_STATE_PENDING:
            job.state = jobs.JOB_STATE_CANCELLED
        return jobs.CancelJobResponse(job=job)

    def RequeueJob(self, request: Any, context: Context) -> jobs.RequeueJobResponse:
        self._take(request, context)
        job = jobs.Job.FromString(self._job(request.name, context).SerializeToString())
        job.requeue_requested = True
        return jobs.RequeueJobResponse(job=job)

    def HoldJob(self, request: Any, context: Context) -> jobs.HoldJobResponse:
        self._take(request, context)
        job = self._job(request.name, context)
        if job.state == jobs.JOB_STATE_PENDING:
            job.waiting.reason = jobs.WAIT_REASON_HELD_BY_USER
        return jobs.HoldJobResponse(job=job)

    def ReleaseJob(self, request: Any, context: Context) -> jobs.ReleaseJobResponse:
        self._take(request, context)
        job = self._job(request.name, context)
        if job.state == jobs.JOB_STATE_PENDING:
            job.waiting.reason = jobs.WAIT_REASON_NOT_YET_CONSIDERED
        return jobs.ReleaseJobResponse(job=job)

    def ExplainJob(self, request: Any, context: Context) -> jobs.ExplainJobResponse:
        self._take(request, context)
        found = self._job(request.name, context)
        return jobs.ExplainJobResponse(job=found, explanation=self.explanation)

    def GetJobEfficiency(self, request: Any, context: Context) -> jobs.GetJobEfficiencyResponse:
        self._take(request, context)
        job = self._job(request.name, context)
        if not job.HasField("end_time"):
            return jobs.GetJobEfficiencyResponse(job=job, no_advice="it has not ended")
        return jobs.GetJobEfficiencyResponse(job=job, efficiency=self.efficiency)

    def AdviseJob(self, request: Any, context: Context) -> jobs.AdviseJobResponse:
        self._take(request, context)
        return jobs.AdviseJobResponse(jobs=self.submitted, explanation=self.explanation)

    def WatchJobs(self, request: Any, context: Context) -> Iterator[jobs.WatchJobsResponse]:
        self._take(request, context)
        for job in self.changes:
            yield jobs.WatchJobsResponse(job=job)
            if self.stream_faults:
                context.abort_with_status(self.stream_faults.popleft())
        while self.holds_streams and context.is_active():
            time.sleep(0.02)

    def ReadJobOutput(self, request: Any, context: Context) -> Iterator[jobs.ReadJobOutputResponse]:
        self._take(request, context)
        messages, broken = self.outputs.popleft()
        yield from messages
        if broken is not None:
            context.abort_with_status(broken)

    def GetCluster(self, request: Any, context: Context) -> GetClusterResponse:
        self._take(request, context)
        answer = GetClusterResponse()
        answer.CopyFrom(self.cluster)
        answer.nodes.extend(() if answer.nodes or not request.include_nodes else NODES)
        return answer

    def ListShares(self, request: Any, context: Context) -> ListSharesResponse:
        self._take(request, context)
        return ListSharesResponse(shares=self.shares, time=self.shares_time, policy_version=3)

    def ListTrackRecords(self, request: Any, context: Context) -> ListTrackRecordsResponse:
        self._take(request, context)
        return ListTrackRecordsResponse(records=self.track_records)

    def ListReservations(self, request: Any, context: Context) -> ListReservationsResponse:
        self._take(request, context)
        return ListReservationsResponse(reservations=self.reservations, time=ago(seconds=0))

    def GetReceipt(self, request: Any, context: Context) -> GetReceiptResponse:
        self._take(request, context)
        return GetReceiptResponse()

    def GetOverview(self, request: Any, context: Context) -> GetOverviewResponse:
        self._take(request, context)
        return self.overview

    def ExplainOrganisation(self, request: Any, context: Context) -> ExplainOrganisationResponse:
        self._take(request, context)
        return self.account

    def WhoAmI(self, request: Any, context: Context) -> tenants.WhoAmIResponse:
        self._take(request, context)
        return tenants.WhoAmIResponse(user=ALIYA, tenant_class="universities")

    def CreateOrganisation(
        self, request: Any, context: Context
    ) -> tenants.CreateOrganisationResponse:
        self._take(request, context)
        return tenants.CreateOrganisationResponse(organisation=request.organisation)

    def ListOrganisations(
        self, request: Any, context: Context
    ) -> tenants.ListOrganisationsResponse:
        self._take(request, context)
        known = tenants.Organisation(organisation_id="astana-university", title="Astana University")
        return tenants.ListOrganisationsResponse(organisations=[known])

    def CreateProject(self, request: Any, context: Context) -> tenants.CreateProjectResponse:
        self._take(request, context)
        return tenants.CreateProjectResponse(project=request.project)

    def ListProjects(self, request: Any, context: Context) -> tenants.ListProjectsResponse:
        self._take(request, context)
        return tenants.ListProjectsResponse(projects=self.projects)

    def CreateUser(self, request: Any, context: Context) -> tenants.CreateUserResponse:
        self._take(request, context)
        return tenants.CreateUserResponse(user=request.user, token="tdk_new")

    def ListUsers(self, request: Any, context: Context) -> tenants.ListUsersResponse:
        self._take(request, context)
        return tenants.ListUsersResponse(users=[ALIYA])

    def RotateToken(self, request: Any, context: Context) -> tenants.RotateTokenResponse:
        self._take(request, context)
        return tenants.RotateTokenResponse(token="tdk_rotated")

    def GetRegister(self, request: Any, context: Context) -> tenants.GetRegisterResponse:
        self._take(request, context)
        return tenants.GetRegisterResponse(text=REGISTER_TEXT, revision=7)

    def PlanRegister(self, request: Any, context: Context) -> tenants.PlanRegisterResponse:
        self._take(request, context)
        return tenants.PlanRegisterResponse(steps=self.steps, revision=7)

    def ApplyRegister(self, request: Any, context: Context) -> tenants.ApplyRegisterResponse:
        self._take(request, context)
        tokens = [tenants.UserToken(user_id="dana", token="tdk_new")]
        return tenants.ApplyRegisterResponse(steps=self.steps, revision=9, tokens=tokens)

    def OffBoard(self, request: Any, context: Context) -> tenants.OffBoardResponse:
        self._take(request, context)
        return tenants.OffBoardResponse(steps=self.steps[1:], revision=8)

    def ListTenantChanges(
        self, request: Any, context: Context
    ) -> tenants.ListTenantChangesResponse:
        self._take(request, context)
        return tenants.ListTenantChangesResponse(changes=[TENANT_CHANGE])

    def GetPolicy(self, request: Any, context: Context) -> policies.GetPolicyResponse:
        self._take(request, context)
        if not self.policies:
            missing = fault(grpc.StatusCode.NOT_FOUND, "no policy version", reason("NOT_FOUND"))
            context.abort_with_status(missing)
        return policies.GetPolicyResponse(policy=self.policies[0])

    def ValidatePolicy(self, request: Any, context: Context) -> policies.ValidatePolicyResponse:
        self._take(request, context)
        changes = [] if self.problems else ["classes.startups.share: 1 becomes 2"]
        return policies.ValidatePolicyResponse(
            problems=self.problems, changes=changes, warnings=self.warnings
        )

    def ApplyPolicy(self, request: Any, context: Context) -> policies.ApplyPolicyResponse:
        self._take(request, context)
        made = policies.PolicyVersion(number=request.expected_number + 1)
        return policies.ApplyPolicyResponse(policy=made, warnings=self.warnings)

    def ForecastPolicy(self, request: Any, context: Context) -> policies.ForecastPolicyResponse:
        self._take(request, context)
        return FORECAST

    def ListPastJobs(self, request: Any, context: Context) -> policies.ListPastJobsResponse:
        self._take(request, context)
        first = int(request.page_token or 0)
        page = self.past_jobs[first : first + self.past_jobs_each_page]
        is_last = first + len(page) >= len(self.past_jobs)
        return policies.ListPastJobsResponse(
            jobs=page,
            next_page_token="" if is_last else str(first + len(page)),
            history_start_time=self.past_jobs[0].ready_time if self.past_jobs else None,
        )

    def ProposePolicy(self, request: Any, context: Context) -> policies.ProposePolicyResponse:
        self._take(request, context)
        return policies.ProposePolicyResponse(proposal=PROPOSAL)

    def GetProposal(self, request: Any, context: Context) -> policies.GetProposalResponse:
        self._take(request, context)
        return policies.GetProposalResponse(proposal=PROPOSAL)

    def ListProposals(self, request: Any, context: Context) -> policies.ListProposalsResponse:
        self._take(request, context)
        return policies.ListProposalsResponse(proposals=[PROPOSAL])

    def ApproveProposal(self, request: Any, context: Context) -> policies.ApproveProposalResponse:
        self._take(request, context)
        return policies.ApproveProposalResponse(proposal=PROPOSAL)

    def WithdrawProposal(self, request: Any, context: Context) -> policies.WithdrawProposalResponse:
        self._take(request, context)
        return policies.WithdrawProposalResponse(proposal=PROPOSAL)

    def ActivateProposal(self, request: Any, context: Context) -> policies.ActivateProposalResponse:
        self._take(request, context)
        return policies.ActivateProposalResponse(
            proposal=CANARY if request.canary_classes else PROPOSAL,
            policy=POLICY,
            not_tried=["usage.weight: 1 -> 0"],
        )

    def GetTrial(self, request: Any, context: Context) -> policies.GetTrialResponse:
        self._take(request, context)
        return policies.GetTrialResponse(proposal=CANARY, stages=[STAGE, AS_CANARY])

    def RollBackPolicy(self, request: Any, context: Context) -> policies.RollBackPolicyResponse:
        self._take(request, context)
        return policies.RollBackPolicyResponse(policy=POLICY)

    def ListPolicyVersions(
        self, request: Any, context: Context
    ) -> policies.ListPolicyVersionsResponse:
        self._take(request, context)
        return policies.ListPolicyVersionsResponse(policies=self.policies)

    def CreateFund(self, request: Any, context: Context) -> budgets.CreateFundResponse:
        self._take(request, context)
        return budgets.CreateFundResponse(fund=request.fund)

    def ListFunds(self, request: Any, context: Context) -> budgets.ListFundsResponse:
        self._take(request, context)
        return budgets.ListFundsResponse(funds=[AI_FUND])

    def RequestGrant(self, request: Any, context: Context) -> budgets.RequestGrantResponse:
        self._take(request, context)
        return budgets.RequestGrantResponse(grant=self.grants[0])

    def ListGrants(self, request: Any, context: Context) -> budgets.ListGrantsResponse:
        self._take(request, context)
        return budgets.ListGrantsResponse(grants=self.grants)

    def GetGrant(self, request: Any, context: Context) -> budgets.GetGrantResponse:
        self._take(request, context)
        return budgets.GetGrantResponse(grant=self.grants[0])

    def ReviewGrant(self, request: Any, context: Context) -> budgets.ReviewGrantResponse:
        self._take(request, context)
        return budgets.ReviewGrantResponse(grant=self.grants[0])

    def AwardGrant(self, request: Any, context: Context) -> budgets.AwardGrantResponse:
        self._take(request, context)
        return budgets.AwardGrantResponse(grant=self.grants[0])

    def DeclineGrant(self, request: Any, context: Context) -> budgets.DeclineGrantResponse:
        self._take(request, context)
        return budgets.DeclineGrantResponse(grant=self.grants[0])

    def WithdrawGrant(self, request: Any, context: Context) -> budgets.WithdrawGrantResponse:
        self._take(request, context)
        return budgets.WithdrawGrantResponse(grant=self.grants[0])

    def CloseGrant(self, request: Any, context: Context) -> budgets.CloseGrantResponse:
        self._take(request, context)
        return budgets.CloseGrantResponse(grant=self.grants[0])

    def ListBudgetEntries(
        self, request: Any, context: Context
    ) -> budgets.ListBudgetEntriesResponse:
        self._take(
            budgets.ListBudgetEntriesRequest.FromString(request.SerializeToString()), context
        )
        later = [one for one in self.ledger if one.entry_id > request.after_entry_id]
        page = later[: self.ledger_page]
        following = page[-1].entry_id if len(later) > len(page) else 0
        return budgets.ListBudgetEntriesResponse(entries=page, next_after_entry_id=following)


def _matches(job: jobs.Job, request: jobs.ListJobsRequest) -> bool:
    return (
        request.user in ("", job.user)
        and request.organisation in ("", job.organisation)
        and (not request.states or job.state in request.states)
        and request.array_job_id in (0, job.array.array_job_id)
    )


def add_to(server: grpc.Server, service: Service) -> None:
    """Register all services."""
    jobs_grpc.add_JobServiceServicer_to_server(service, server)
    tenants_grpc.add_TenantServiceServicer_to_server(service, server)
    cluster_grpc.add_ClusterServiceServicer_to_server(service, server)
    policies_grpc.add_PolicyServiceServicer_to_server(service, server)
    budgets_grpc.add_BudgetServiceServicer_to_server(service, server)
