"""Three organisations press on 64 GPUs for a minute; a person watches who gets what."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from loadtests.feeding import Feeder
from loadtests.jobs import all_jobs, live_jobs
from loadtests.stack import ROOT, Client, Member, Stack, start_service, stop_service
from loadtests.tally import Tally, Waits, waits_of
from loadtests.workload import BURSTY, GREEDY, SMALL, Character
from scheduler.bootstrap import write_token
from scheduler.v1 import cluster_service_pb2

FOLDER = ROOT / "build" / "demo"
PATIENCE_S = 300
SAMPLE_S = 0.5
BAR_CELLS = 28

CAST: Mapping[Member, Character] = {
    Member("steppe-university", "Steppe University", "universities", "aigerim", "aigerim"): GREEDY,
    Member("caspian-robotics", "Caspian Robotics", "startups", "bolat", "bolat"): BURSTY,
    Member("river-forecast", "River Forecast Agency", "agencies", "dana", "dana"): SMALL,
}


def main(
    backend: Annotated[str, typer.Option(help="simulated, slurm, slurm-cli, slurm-pyslurm")] = (
        "simulated"
    ),
) -> None:
    """Start a service of its own, let three organisations press on it, and say who got what."""
    console = Console()
    shutil.rmtree(FOLDER, ignore_errors=True)
    console.print(f"[bold]Tendik[/]: starting service, SQLite and the {backend} cluster …")
    stack = start_service(FOLDER, settings_for(backend))
    try:
        tokens = stack.register(tuple(CAST))
        waits, tally = press(console, stack, tokens)
        console.print(closing_table(waits, tally))
        console.print(next_steps(stack, tokens, backend), soft_wrap=True)
    finally:
        stop_service(stack.process)


def settings_for(backend: str) -> dict[str, str]:
    settings = {"TENDIK_BACKEND": backend, "TENDIK_CYCLE_INTERVAL_S": "0.5"}
    # Its jobs last seconds; who operates a Slurm would rather lose none.
    settings["TENDIK_CONFIRM_AFTER_S"] = "0"
    if backend != "simulated":
        settings["SLURM_CONF"] = slurm_conf()
    return settings


def slurm_conf() -> str:
    """Return the development Slurm's configuration file, as `make slurm-up` wrote it."""
    line = (ROOT / "build" / "slurm" / "env").read_text(encoding="utf-8")
    return line.strip().partition("SLURM_CONF=")[2].strip("'\"")


def press(
    console: Console, stack: Stack, tokens: Mapping[str, str]
) -> tuple[dict[str, Waits], Tally]:
    """Feed every character's jobs as time passes and show the shares until all have ended."""
    clients = {name: stack.client(token) for name, token in tokens.items()}
    feeders = [
        Feeder(clients[member.organisation], character.submissions(seed))
        for seed, (member, character) in enumerate(CAST.items())
    ]
    admin = stack.client(stack.admin_token)
    tally = Tally()
    watch(console, admin, feeders, tally)
    waits = {name: waits_of(all_jobs(client)) for name, client in clients.items()}
    for client in (*clients.values(), admin):
        client.close()
    return waits, tally


def watch(console: Console, admin: Client, feeders: Sequence[Feeder], tally: Tally) -> None:
    progress = Progress(
        TextColumn("jobs ended"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )
    task = progress.add_task("jobs", total=sum(character.jobs for character in CAST.values()))
    begun_at = sampled_at = time.monotonic()
    with Live(console=console, refresh_per_second=4) as live:
        while not progress.finished and time.monotonic() - begun_at < PATIENCE_S:
            fed = [feeder.feed(time.monotonic() - begun_at) for feeder in feeders]
            answer = admin.cluster.ListShares(
                cluster_service_pb2.ListSharesRequest(), metadata=admin.metadata, timeout=10
            )
            now = time.monotonic()
            tally.take(answer.shares, now - sampled_at)
            sampled_at = now
            progress.update(task, completed=sum(fed) - len(live_jobs(admin)))
            live.update(Group(live_shares(answer.shares), progress))
            time.sleep(SAMPLE_S)


def live_shares(shares: Sequence[cluster_service_pb2.OrganisationShare]) -> Table:
    """Draw each organisation's GPUs: held as a bar, its entitlement as a mark on it."""
    table = Table("organisation", "held █ entitled │ of 64", "held", "entitled", "wanted")
    for share in sorted(shares, key=lambda share: share.organisation_id):
        table.add_row(
            share.organisation_id,
            bar(share.held_gpus, share.entitled_gpus, of_gpus=64),
            str(share.held_gpus),
            f"{share.entitled_gpus:.1f}",
            str(share.wanted_gpus),
        )
    return table


def bar(held_gpus: int, entitled_gpus: float, of_gpus: int) -> Text:
    held = round(held_gpus * BAR_CELLS / of_gpus)
    mark = min(BAR_CELLS - 1, round(entitled_gpus * BAR_CELLS / of_gpus))
    cells = ["█" if cell < held else "·" for cell in range(BAR_CELLS)]
    cells[mark] = "│"
    return Text("".join(cells), style="green" if held_gpus >= int(entitled_gpus) else "yellow")


def closing_table(waits: Mapping[str, Waits], tally: Tally) -> Table:
    table = Table(title="Who was entitled to what, and who got it", title_justify="left")
    table.add_column("organisation", no_wrap=True)
    for heading in ("completed", "entitled\nGPU-s", "got\nGPU-s", "got", "median\nwait", "longest"):
        table.add_column(heading, justify="right", no_wrap=True)
    for member in CAST:
        account, wait = tally.accounts[member.organisation], waits[member.organisation]
        ratio = account.held_gpu_s / account.entitled_gpu_s if account.entitled_gpu_s else 1.0
        table.add_row(
            member.organisation,
            f"{wait.completed}/{wait.jobs}",
            f"{account.entitled_gpu_s:,.0f}",
            f"{account.held_gpu_s:,.0f}",
            f"{ratio:.0%}",
            f"{wait.median_s:.1f} s",
            f"{wait.worst_s:.1f} s",
        )
    return table


def next_steps(stack: Stack, tokens: Mapping[str, str], backend: str) -> RenderableType:
    """Say how to go on by hand with the same data; tokens go to files, not to the screen."""
    for name, token in {**tokens, "admin": stack.admin_token}.items():
        write_token(stack.folder / f"{name}.token", token)
    environment = {
        "TENDIK_DATABASE_URL": stack.environment["TENDIK_DATABASE_URL"],
        "TENDIK_BACKEND": backend,
        **({"SLURM_CONF": slurm_conf()} if backend != "simulated" else {}),
    }
    exports = "".join(f"  export {key}={value}\n" for key, value in environment.items())
    folder = stack.folder.relative_to(ROOT)
    return Text(
        "\nTo go on by hand:\n"
        f"{exports}"
        "  export PATH=$PWD/.venv/bin:$PATH\n"
        "  tendik-scheduler serve 2>build/demo/service.log &\n"
        f"  tendik login --server 127.0.0.1:7443 --token-file {folder}/steppe-university.token\n"
        "  tendik share\n"
        "  tendik submit --gpus=4 docs/examples/train.sh && tendik queue\n"
        "  curl -s http://127.0.0.1:9464/metrics | grep tendik_organisation_gpus\n"
    )


if __name__ == "__main__":
    typer.run(main)
