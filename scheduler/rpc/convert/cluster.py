"""Cluster messages, from the newest view."""

from __future__ import annotations

from scheduler.domain.estimates import TrackRecord
from scheduler.domain.receipts import KeptReceipt, ReceiptHead
from scheduler.domain.records import ClusterView, CycleReport, OrganisationShare
from scheduler.domain.reservations.nodes import Hold
from scheduler.domain.resources import Node
from scheduler.rpc.convert.values import timestamp
from scheduler.use_cases.cluster import PoolAccount, pool_accounts
from scheduler.v1 import cluster_service_pb2 as pb


def cluster_response(
    view: ClusterView, head: ReceiptHead | None, *, with_nodes: bool = False
) -> pb.GetClusterResponse:
    return pb.GetClusterResponse(
        pools=map(pool_message, pool_accounts(view)),
        last_cycle=_cycle(view.report) if view.report else None,
        backend=view.backend,
        backend_up=view.backend_up,
        receipt_head=_head(head) if head else None,
        nodes=map(_node, view.cluster.nodes) if view.cluster and with_nodes else (),
    )


def shares_response(view: ClusterView) -> pb.ListSharesResponse:
    report = view.report
    return pb.ListSharesResponse(
        shares=map(share_message, report.shares) if report else (),
        time=timestamp(report.taken_at) if report else None,
        policy_version=report.policy_version if report else view.policy.number,
    )


def track_records_response(view: ClusterView) -> pb.ListTrackRecordsResponse:
    return pb.ListTrackRecordsResponse(records=map(_track_record, view.start_times))


def reservations_response(view: ClusterView) -> pb.ListReservationsResponse:
    report = view.report
    return pb.ListReservationsResponse(
        reservations=map(_reservation, report.holds) if report else (),
        time=timestamp(report.taken_at) if report else None,
    )


def receipt_response(receipt: KeptReceipt) -> pb.GetReceiptResponse:
    return pb.GetReceiptResponse(
        cycle=receipt.cycle, content=receipt.content, previous_cycle=receipt.previous_cycle
    )


def _track_record(record: TrackRecord) -> pb.TrackRecord:
    return pb.TrackRecord(
        tenant_class=record.tenant_class,
        judged=record.judged,
        within_p50=record.within_p50,
        within_p90=record.within_p90,
    )


def _reservation(hold: Hold) -> pb.Reservation:
    audience, window = hold.reservation.audience, hold.windows[0]
    return pb.Reservation(
        name=hold.name,
        pool=hold.reservation.pool,
        tenant_class=audience.tenant_class,
        organisation_id=audience.organisation,
        project_id=audience.project,
        start_time=timestamp(window.starts),
        end_time=timestamp(window.ends),
        gpus=hold.gpus,
        nodes=hold.nodes,
        weekly=hold.reservation.weekly,
    )


def _head(head: ReceiptHead) -> pb.ReceiptHead:
    return pb.ReceiptHead(
        cycle=head.cycle,
        sha256=head.sha256,
        kept=head.kept,
        failed=head.failed,
        skipped=head.skipped,
    )


def _node(node: Node) -> pb.Node:
    return pb.Node(
        name=node.name,
        pool=node.pool,
        gpus=node.capacity.gpus,
        cpus=node.capacity.cpus,
        memory_mib=node.capacity.memory_mib,
        features=sorted(node.features),
        available=node.available,
    )


def pool_message(account: PoolAccount) -> pb.PoolStatus:
    partition, _, gpu_type = account.name.partition("/")
    return pb.PoolStatus(
        name=account.name,
        partition=partition,
        gpu_type=gpu_type,
        capacity_gpus=account.capacity_gpus,
        held_gpus=account.held_gpus,
        foreign_gpus=account.foreign_gpus,
        wanted_gpus=account.wanted_gpus,
    )


def _cycle(report: CycleReport) -> pb.Cycle:
    return pb.Cycle(
        number=report.cycle,
        time=timestamp(report.taken_at),
        policy_version=report.policy_version,
        solver=report.allocation.solver,
        status=report.status.value,
        started_jobs=report.started_jobs,
        waiting_jobs=report.waiting_jobs,
        duration_seconds=report.duration_s,
        violations=report.violations,
    )


def share_message(share: OrganisationShare) -> pb.OrganisationShare:
    return pb.OrganisationShare(
        organisation_id=share.organisation,
        tenant_class=share.tenant_class,
        pool=share.pool,
        entitled_gpus=share.entitled,
        held_gpus=share.held,
        wanted_gpus=share.wanted,
        borrowed_gpus=share.borrowed,
        lent_gpus=share.lent,
        mean_gpus=share.mean_gpus,
        owed_gpus=share.owed,
        owed_since_time=timestamp(share.owed_since),
        owed_until_time=timestamp(share.owed_until),
        borrowed_until_time=timestamp(share.borrowed_until),
    )
