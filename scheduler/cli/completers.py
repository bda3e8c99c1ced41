"""What completes a word on the command line: jobs, pools and projects as they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from scheduler.cli.session import Session
from scheduler.cli.terminal import printable

# Whatever is loaded above is loaded by every command, whatever a function loads by the shell's
# question alone.
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from scheduler.cli.client import Client
    from scheduler.v1.job_service_pb2 import Job

Items = list["CompletionItem[str]"]
Completer = Callable[[click.Context, click.Parameter, str], Items]

# A person waits with a finger on the key: no answer is better than a late one.
DEADLINE_S = 0.25
MOST_JOBS = 100


def jobs_in(states: str) -> Completer:
    """Return what completes the caller's jobs in these states, newest first.

    An array is offered by its number, its elements once the number and "_" are written.
    """

    def complete(ctx: click.Context, _parameter: click.Parameter, begun: str) -> Items:
        found: dict[str, str] = {}
        for job in _own_jobs(ctx, states):
            found.setdefault(_word(job, "_" in begun), printable(job.display_name))
        return _items(found, begun)

    return complete


def pools(ctx: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    from scheduler.cli.cluster_state import get_cluster  # noqa: PLC0415

    with _asking(ctx) as client:
        return _items((pool.name for pool in get_cluster(client).pools), begun)


def projects(ctx: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    from scheduler.v1.tenant_service_pb2 import ListProjectsRequest  # noqa: PLC0415
    from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub  # noqa: PLC0415

    with _asking(ctx) as client:
        answer = client.call(TenantServiceStub(client.channel).ListProjects, ListProjectsRequest())
        return _items((project.project_id for project in answer.projects), begun)


def contexts(ctx: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    from scheduler.cli.config_file import load  # noqa: PLC0415

    return _items(load(_session(ctx).config_file).contexts, begun)


def files(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> Items:
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [CompletionItem(begun, type="file")]


def _items(words: Iterable[str] | dict[str, str], begun: str) -> Items:
    """Return the words that begin so, with what is told of them."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    told = words if isinstance(words, dict) else dict.fromkeys(words)
    return [
        CompletionItem(word, help=text) for word, text in told.items() if word.startswith(begun)
    ]


def _own_jobs(ctx: click.Context, states: str) -> Iterable[Job]:
    from scheduler.cli.job_words import STATES  # noqa: PLC0415
    from scheduler.cli.lookup import list_jobs, who_am_i  # noqa: PLC0415
    from scheduler.v1.job_service_pb2 import ListJobsRequest  # noqa: PLC0415

    with _asking(ctx) as client:
        me = who_am_i(client).user
        wanted = ListJobsRequest(
            organisation=me.organisation_id, user=me.user_id, states=STATES[states]
        )
        return list_jobs(client, wanted, MOST_JOBS)


def _word(job: Job, of_elements: bool) -> str:
    if not job.HasField("array"):
        return str(job.job_id)
    place = job.array
    return f"{place.array_job_id}_{place.index}" if of_elements else str(place.array_job_id)


@contextmanager
def _asking(ctx: click.Context) -> Iterator[Client]:
    """Open the connection that the words written so far name, for one short question."""
    from scheduler.cli.client import Client  # noqa: PLC0415
    from scheduler.cli.config_file import load  # noqa: PLC0415
    from scheduler.cli.contexts import Flags, resolve  # noqa: PLC0415

    session = _session(ctx)
    said = {name: ctx.params.get(name) or "" for name in ("server", "context", "tls_ca")}
    flags = Flags(**said, insecure=bool(ctx.params.get("insecure")))
    context = resolve(flags, session.environ, load(session.config_file)).checked()
    client = Client(context, session.sleep, DEADLINE_S)
    try:
        yield client
    finally:
        client.channel.close()


def _session(ctx: click.Context) -> Session:
    found = ctx.find_object(Session)
    if found is None:
        raise LookupError("the program was started without a session")
    return found
