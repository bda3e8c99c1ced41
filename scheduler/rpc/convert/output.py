"""Between the messages of ReadJobOutput and the use case's own."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain.output import OutputNews, OutputStatus
from scheduler.rpc.convert.values import job_id_of
from scheduler.use_cases.output import OutputRequest
from scheduler.v1 import job_service_pb2 as pb

STATUSES: Mapping[OutputStatus, str] = {
    status: f"OUTPUT_STATUS_{status.name}" for status in OutputStatus
}


def output_request(message: pb.ReadJobOutputRequest) -> OutputRequest:
    """Raises InvalidRequest naming the field that is wrong."""
    return OutputRequest(
        job_id_of(message.name),
        of_errors=message.stderr,
        offset=message.offset,
        tail_lines=message.tail_lines,
        follow=message.follow,
    )


def output_message(news: OutputNews) -> pb.ReadJobOutputResponse:
    return pb.ReadJobOutputResponse(
        status=STATUSES[news.status],
        path=news.path,
        offset=news.offset,
        data=news.data,
        size_bytes=news.size_bytes,
    )
