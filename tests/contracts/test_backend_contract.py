"""What every backend promises, the simulated one and the real ones; and what only real ones can."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from importlib.util import find_spec
from subprocess import CalledProcessError

import pytest

from scheduler.backend.slurm_pyslurm import Worker, worker_environment
from scheduler.backend.slurm_state import backend_job
from scheduler.domain.cluster import Asked, BackendJob, BackendState, SubmissionOutcome
from scheduler.domain.recalls.notices import DEFAULT_NOTICE, Notice, NoticeSignal, Receiver
from scheduler.domain.resources import Amount, Pool
from scheduler.errors import BackendUnavailable
from scheduler.ports import Backend
from tests.backend.launches import INSTALLATION, a_launch
from tests.contracts.backends import (
    NO_ACCOUNT,
    SECRET,
    SlurmWorld,
    World,
    dead_backend,
    eventually,
    node,
    seen,
    seen_in,
    slurm_cluster,
    slurm_world,
    start,
    text_of,
    world,
)
from tests.slurm.conftest import SlurmCluster

__all__ = ["dead_backend", "slurm_cluster", "slurm_world", "world"]


def test_what_an_ended_job_used_is_told_of_it_alone(world: World) -> None:
    job_id = world.new_job_id()
    slurm_id = start(world, a_launch(job_id, "n3", script="sleep 1"))
    other = start(world, a_launch(world.new_job_id(), "n4", script="sleep 60"))
    assert world.backend.measured([]) == ()
    seen_in(world, slurm_id, BackendState.COMPLETED)

    eventually(lambda: world.backend.measured([slurm_id, other]), world)

    (run,) = world.backend.measured([slurm_id, other])
    assert (run.slurm_id, run.job_id, run.attempt) == (slurm_id, job_id, 1)


def test_a_run_is_told_of_once_its_end_is_on_record(world: World) -> None:
    job_id = world.new_job_id()
    slurm_id = start(world, a_launch(job_id, "n3", script="sleep 2"))
    other = start(world, a_launch(world.new_job_id(), "n4", script="sleep 60"))
    seen_in(world, other, BackendState.RUNNING)
    ended = seen_in(world, slurm_id, BackendState.COMPLETED)

    eventually(lambda: world.backend.ended_runs([slurm_id, other]), world)

    (run,) = world.backend.ended_runs([slurm_id, other])
    assert (run.slurm_id, run.job_id, run.attempt) == (slurm_id, job_id, 1)
    assert (run.started_at, run.ended_at, run.node_failed) == (
        *(ended.started_at, ended.ended_at, False),
    )
    assert world.backend.ended_runs([]) == ()


def test_a_job_that_slurm_began_anew_has_a_run_for_each_start(slurm_world: SlurmWorld) -> None:
    launch = replace(a_launch(slurm_world.new_job_id(), script="sleep 60"), flags=("--requeue",))
    slurm_id = start(slurm_world, launch)
    running = seen_in(slurm_world, slurm_id, BackendState.RUNNING)
    time.sleep(2)
    slurm_world.run("scontrol", "requeue", str(slurm_id))
    seen_in(slurm_world, slurm_id, BackendState.QUEUED)

    eventually(lambda: slurm_world.backend.ended_runs([slurm_id]), slurm_world)

    (run,) = slurm_world.backend.ended_runs([slurm_id])
    assert (run.job_id, run.attempt) == (launch.job_id, 1)
    assert (run.started_at, run.node_failed) == (running.started_at, False)
    assert 2 <= run.seconds <= 6


def test_the_nodes_and_their_pool_are_read(world: World) -> None:
    state = world.backend.read(())

    assert state.pools == (Pool("alem", "h200"),)
    assert [node.name for node in state.nodes] == [f"n{n}" for n in range(1, 9)]
    assert {node.capacity for node in state.nodes} == {Amount(8, 64, 500_000)}
    assert all(node.available and node.used == Amount() for node in state.nodes)
    assert state.jobs == ()


def test_a_job_runs_on_its_nodes_to_its_good_end(world: World) -> None:
    job_id = world.new_job_id()
    slurm_id = start(world, a_launch(job_id, "n3", script="sleep 2"))

    running = seen_in(world, slurm_id, BackendState.RUNNING)
    ended = seen_in(world, slurm_id, BackendState.COMPLETED)

    assert (running.job_id, running.attempt, running.unix_account) == (job_id, 1, world.account)
    assert (running.nodes, running.ended_at, running.exit_code) == (("n3",), None, None)
    assert (ended.nodes, ended.exit_code, ended.restarts) == (("n3",), 0, 0)
    assert ended.started_at is not None
    assert ended.ended_at is not None
    assert 1 <= (ended.ended_at - ended.started_at).total_seconds() <= 4


def test_a_job_that_fails_tells_its_exit_code(world: World) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), script="sleep 1\nexit 7"))

    assert seen_in(world, slurm_id, BackendState.FAILED).exit_code == 7


def test_submitting_again_gives_the_first_id(world: World) -> None:
    launch = a_launch(world.new_job_id())
    first = start(world, launch)

    assert start(world, launch) == first
    assert [job.slurm_id for job in world.backend.read(()).jobs] == [first]


def test_the_same_launch_twice_in_one_batch_is_one_job(world: World) -> None:
    launch = a_launch(world.new_job_id())

    one, two = world.backend.submit([launch, launch])

    assert one == two
    assert len(world.backend.read(()).jobs) == 1


def test_a_launch_whose_job_has_ended_is_not_run_again(world: World) -> None:
    launch = a_launch(world.new_job_id(), script="sleep 1")
    first = start(world, launch)
    seen_in(world, first, BackendState.COMPLETED)

    assert start(world, launch) == first


def test_the_next_attempt_is_another_job(world: World) -> None:
    job_id = world.new_job_id()
    first = start(world, a_launch(job_id))

    second = start(world, a_launch(job_id, attempt=2))

    assert second != first
    assert seen(world, second).attempt == 2


def test_a_gang_holds_all_its_nodes_at_once(world: World) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), "n2", "n7", gpus=3))

    assert seen_in(world, slurm_id, BackendState.RUNNING).nodes == ("n2", "n7")


def test_a_job_without_room_waits_for_its_node(world: World) -> None:
    start(world, a_launch(world.new_job_id(), "n1", gpus=6))
    waiting = start(world, a_launch(world.new_job_id(), "n1", gpus=4))

    job = seen(world, waiting)

    assert (job.state, job.nodes, job.started_at) == (BackendState.QUEUED, (), None)


def test_a_queued_job_is_cancelled_without_having_run(world: World) -> None:
    start(world, a_launch(world.new_job_id(), "n1", gpus=6))
    waiting = start(world, a_launch(world.new_job_id(), "n1", gpus=4))

    world.backend.cancel([waiting])
    job = seen_in(world, waiting, BackendState.CANCELLED)

    assert (job.started_at, job.exit_code) == (None, None)


def test_a_running_job_is_cancelled_and_cancelling_it_again_is_no_error(world: World) -> None:
    slurm_id = start(world, a_launch(world.new_job_id()))
    seen_in(world, slurm_id, BackendState.RUNNING)

    world.backend.cancel([slurm_id])
    job = seen_in(world, slurm_id, BackendState.CANCELLED)
    world.backend.cancel([slurm_id])

    assert job.started_at is not None
    assert job.ended_at is not None


def test_a_held_job_starts_when_it_is_released_and_not_before(world: World) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), script="sleep 60", is_held=True))
    for _ in range(10):
        world.let_time_pass()
    assert seen(world, slurm_id).state is BackendState.HELD

    world.backend.release([slurm_id])

    assert seen_in(world, slurm_id, BackendState.RUNNING).restarts == 0
    world.backend.release([slurm_id])
    assert seen(world, slurm_id).state is BackendState.RUNNING


def test_a_held_job_is_cancelled_without_having_run(world: World) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), is_held=True))

    world.backend.cancel([slurm_id])

    assert seen_in(world, slurm_id, BackendState.CANCELLED).started_at is None


def test_a_held_launch_submitted_again_gives_the_first_id(world: World) -> None:
    launch = a_launch(world.new_job_id(), is_held=True)

    assert start(world, launch) == start(world, launch)
    assert len(world.backend.read(()).jobs) == 1


# A trap runs between commands, so the shell must wait for short ones.
CATCHES = "trap 'echo caught' USR1 TERM\nfor n in $(seq 100); do sleep 0.2; done\nsleep 60"
SIGNALS = {
    "the script's shell": NoticeSignal("USR1", Receiver.SCRIPT),
    "all of the job": DEFAULT_NOTICE,
}


@pytest.mark.parametrize("signal_asked", SIGNALS.values(), ids=SIGNALS.keys())
def test_a_job_that_catches_the_signal_runs_on(world: World, signal_asked: NoticeSignal) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), script=CATCHES))
    seen_in(world, slurm_id, BackendState.RUNNING)
    # A real shell needs a moment to come to its trap.
    for _ in range(10):
        world.let_time_pass()

    world.backend.signal([Notice(slurm_id, signal_asked)])
    world.let_time_pass()

    assert seen(world, slurm_id).state is BackendState.RUNNING


@pytest.mark.parametrize("signal_asked", SIGNALS.values(), ids=SIGNALS.keys())
def test_a_job_that_does_not_catch_the_signal_fails_and_another_signal_is_no_error(
    world: World, signal_asked: NoticeSignal
) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), script="sleep 60"))
    seen_in(world, slurm_id, BackendState.RUNNING)

    world.backend.signal([Notice(slurm_id, signal_asked)])
    ended = seen_in(world, slurm_id, BackendState.FAILED)
    world.backend.signal([Notice(slurm_id, signal_asked)])

    assert ended.exit_code


def test_all_jobs_since_a_moment_are_told_with_what_those_that_wait_ask_for(world: World) -> None:
    since = world.backend.read(()).read_at
    ended = start(world, a_launch(world.new_job_id(), "n2", script="sleep 1"))
    runs = start(world, a_launch(world.new_job_id(), "n3", gpus=8))
    waits = start(world, a_launch(world.new_job_id(), "n3", gpus=8))
    seen_in(world, ended, BackendState.COMPLETED)
    seen_in(world, runs, BackendState.RUNNING)

    def told() -> dict[int, BackendJob]:
        try:
            return {job.slurm_id: job for job in world.backend.marked_since(since)}
        except BackendUnavailable:  # slurmdbd did not take everything yet
            return {}

    eventually(lambda: {ended, runs, waits} <= told().keys(), world)
    states = [told()[slurm_id].state for slurm_id in (ended, runs, waits)]
    assert states == [BackendState.COMPLETED, BackendState.RUNNING, BackendState.QUEUED]
    asked = told()[waits].asks
    assert asked is not None
    assert (asked.nodes, asked.amount.gpus) == (("n3",), 8)


def test_nodes_show_what_others_use_and_not_what_ours_do(world: World) -> None:
    ours = start(world, a_launch(world.new_job_id(), "n5", gpus=2))
    seen_in(world, ours, BackendState.RUNNING)
    world.foreign_job("n5", 3)

    used = node(world, "n5").used

    assert used == Amount(3, 1, 100)


def test_an_ended_job_is_reported_to_those_who_watch_it_only(world: World) -> None:
    slurm_id = start(world, a_launch(world.new_job_id(), script="sleep 1"))
    seen_in(world, slurm_id, BackendState.COMPLETED)

    assert world.backend.read(()).jobs == ()
    assert [job.slurm_id for job in world.backend.read({slurm_id, 4_000_000}).jobs] == [slurm_id]


REFUSED = {
    "an unknown Unix account": ({"account": NO_ACCOUNT}, "account"),
    "an unknown partition": ({"partition": "nowhere"}, "partition"),
    "more GPUs than a node has": ({"gpus": 9}, "not available"),
}


@pytest.mark.parametrize(("wrong", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_never_run_is_refused_and_the_rest_of_the_batch_is_not(
    world: World, wrong: dict[str, object], word: str
) -> None:
    bad = a_launch(world.new_job_id(), **wrong)  # type: ignore[arg-type]  # table of fields
    good = a_launch(world.new_job_id())

    first, second = world.backend.submit([bad, good])

    assert (first.job_id, first.outcome) == (bad.job_id, SubmissionOutcome.REFUSED)
    assert word in first.message
    assert second.outcome is SubmissionOutcome.ACCEPTED


# What only a cluster that really runs scripts can show.


def test_a_job_is_its_users_process_and_knows_none_of_the_services_secrets(
    slurm_world: SlurmWorld,
) -> None:
    job_id = slurm_world.new_job_id()
    out = slurm_world.home / f"{job_id}.out"
    script = f"#SBATCH --output={out.name}\nid -un; id -gn; id -Gn; pwd; umask; env"
    slurm_id = start(slurm_world, a_launch(job_id, script=script, directory=str(slurm_world.home)))
    seen_in(slurm_world, slurm_id, BackendState.COMPLETED)

    user, group, groups, directory, umask, *environment = text_of(slurm_world, out).splitlines()

    assert {user, group} | set(groups.split()) == {slurm_world.account}
    assert (directory, umask) == (str(slurm_world.home), "0022")
    assert f"SLURM_SUBMIT_DIR={slurm_world.home}" in environment
    assert f"USER={slurm_world.account}" in environment
    assert f"SLURM_JOB_NAME=job-{job_id}" in environment
    assert SECRET not in "\n".join(environment)
    assert out.owner() == slurm_world.account


def test_a_job_has_the_environment_of_the_shell_that_submitted_it(slurm_world: SlurmWorld) -> None:
    job_id = slurm_world.new_job_id()
    shell = {"PATH": "/opt/own/bin:/usr/bin:/bin", "TEXT": "over\ntwo lines", "LD_PRELOAD": ""}
    launch = a_launch(
        job_id,
        script='echo "$PATH|$TEXT|$USER|$TENDIK_JOB_ID"',
        directory=str(slurm_world.home),
        environment=shell,
    )
    seen_in(slurm_world, start(slurm_world, launch), BackendState.COMPLETED)

    told = text_of(slurm_world, slurm_world.home / f"slurm-{job_id}.out")
    assert told == f"{shell['PATH']}|{shell['TEXT']}|{slurm_world.account}|{job_id}\n"


def test_a_shells_variables_do_not_steer_sbatch_itself(slurm_world: SlurmWorld) -> None:
    steering = {"PATH": "/nowhere", "SBATCH_COMMENT": "mine", "SLURM_CONF": "/nowhere"}
    launch = a_launch(slurm_world.new_job_id(), environment=steering)

    assert slurm_world.squeue(start(slurm_world, launch), "Comment") == launch.marker


def test_without_the_shells_environment_a_job_still_knows_its_number(
    slurm_world: SlurmWorld,
) -> None:
    job_id = slurm_world.new_job_id()
    launch = a_launch(
        job_id,
        script='echo "$MINE|$TENDIK_JOB_ID|${PATH:+a login}"',
        flags=("--export=NONE", "--output=%j.txt"),
        directory=str(slurm_world.home),
        environment={"MINE": "mine", "PATH": "/mine"},
    )
    seen_in(slurm_world, start(slurm_world, launch), BackendState.COMPLETED)

    told = text_of(slurm_world, slurm_world.home / f"{job_id}.txt")
    assert told == f"|{job_id}|a login\n"


def test_the_comment_carries_the_marker(slurm_world: SlurmWorld) -> None:
    launch = a_launch(slurm_world.new_job_id())

    assert slurm_world.squeue(start(slurm_world, launch), "Comment") == launch.marker


def test_an_array_element_knows_its_index(slurm_world: SlurmWorld) -> None:
    job_id = slurm_world.new_job_id()
    out = slurm_world.home / f"{job_id}-11.out"
    script = f'#SBATCH --output={job_id}-%a.out\necho "index $SLURM_ARRAY_TASK_ID"'
    launch = a_launch(job_id, script=script, array_index=11, directory=str(slurm_world.home))

    seen_in(slurm_world, start(slurm_world, launch), BackendState.COMPLETED)

    assert text_of(slurm_world, out) == "index 11\n"


def test_a_long_script_arrives_whole(slurm_world: SlurmWorld) -> None:
    script = "".join(f"# line {n}\n" for n in range(3000)) + "exit 9"
    launch = a_launch(slurm_world.new_job_id(), script=script)

    assert seen_in(slurm_world, start(slurm_world, launch), BackendState.FAILED).exit_code == 9


def test_a_job_killed_by_a_signal_tells_it_as_a_shell_does(slurm_world: SlurmWorld) -> None:
    launch = a_launch(slurm_world.new_job_id(), script="kill -9 $$")

    assert seen_in(slurm_world, start(slurm_world, launch), BackendState.FAILED).exit_code == 137


# Each asks for the same in other words: on each of two nodes 2 GPUs, CPUs and memory as admitted.
LAYOUTS = {
    "GPUs of the whole job": (("--gpus=4",), Amount(2, 1, 1000)),
    "more GPUs than a node has": (("--gpus=12",), Amount(6, 1, 1000)),
    "GPUs of a type": (("-G h200:4", "--nodes=2"), Amount(2, 1, 1000)),
    "GPUs of each node": (("--gpus-per-node=2", "-N2"), Amount(2, 1, 1000)),
    "generic resources": (("--gres=gpu:2", "--nodes=2", "--mem=2G"), Amount(2, 1, 2048)),
    "tasks of the whole job": (("--gpus=4", "--ntasks=6", "-c 2"), Amount(2, 6, 1000)),
    "tasks of each node": (("--gpus=4", "--ntasks-per-node=3"), Amount(2, 3, 1000)),
    "memory of each CPU": (("--gpus=4", "-c4", "--mem-per-cpu=500M"), Amount(2, 4, 2000)),
    "memory of each GPU": (("--gpus=4", "--mem-per-gpu=1G"), Amount(2, 1, 2048)),
    "CPUs of each GPU": (("--gpus=4", "--cpus-per-gpu=3"), Amount(2, 6, 1000)),
}


@pytest.mark.parametrize(("words", "amount"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_what_runs_is_what_was_admitted(
    slurm_world: SlurmWorld, words: tuple[str, ...], amount: Amount
) -> None:
    script = "\n".join([*(f"#SBATCH {word}" for word in words), "sleep 60"])
    launch = a_launch(
        slurm_world.new_job_id(), "n4", "n6", script=script, amount=amount, gpus=amount.gpus
    )
    slurm_id = start(slurm_world, launch)
    seen_in(slurm_world, slurm_id, BackendState.RUNNING)

    held = slurm_world.held_on_each_node(slurm_id)

    assert held == {"n4": amount, "n6": amount}


def test_nobody_can_write_a_list_of_jobs_into_a_comment_or_a_name(slurm_world: SlurmWorld) -> None:
    forged = "\n4000077|tendik:0badcafe:1:1|root|RUNNING\n4000077~tendik:0badcafe:1:1~root~RUNNING~"
    slurm_world.sbatch_as("bolat", "--gpus=1", f"--comment={forged}", f"--job-name={forged}")

    assert slurm_world.backend.read({4000077}).jobs == ()


def test_a_marker_that_somebody_imitates_is_reported_with_its_owner(
    slurm_world: SlurmWorld,
) -> None:
    launch = a_launch(slurm_world.new_job_id())
    imitation = slurm_world.sbatch_as("bolat", "--gpus=1", f"--comment={launch.marker}")

    slurm_id = start(slurm_world, launch)

    assert slurm_id != imitation
    assert seen(slurm_world, imitation).unix_account == "bolat"
    assert seen(slurm_world, slurm_id).unix_account == slurm_world.account


def test_a_drained_node_is_not_available_and_keeps_its_capacity(slurm_world: SlurmWorld) -> None:
    slurm_world.run("scontrol", "update", "nodename=n8", "state=drain", "reason=State=IDLE x")
    try:
        drained = node(slurm_world, "n8")
    finally:
        slurm_world.run("scontrol", "update", "nodename=n8", "state=resume")

    assert not drained.available
    assert drained.capacity == Amount(8, 64, 500_000)


def test_the_records_still_tell_how_a_job_ended(slurm_world: SlurmWorld) -> None:
    job_id = slurm_world.new_job_id()
    slurm_id = start(slurm_world, a_launch(job_id, "n2", "n3", script="sleep 1\nexit 3"))
    seen_in(slurm_world, slurm_id, BackendState.FAILED)

    job = backend_job(slurm_world.recorded(slurm_id, ("n2", "n3")), INSTALLATION)

    assert job is not None
    assert (job.job_id, job.unix_account) == (job_id, slurm_world.account)
    assert (job.state, job.exit_code) == (BackendState.FAILED, 3)
    assert job.ended_at is not None


def test_a_dead_controller_fails_every_call_within_15_seconds(
    dead_backend: Backend,
) -> None:
    began = time.monotonic()
    with pytest.raises(BackendUnavailable, match="Unable to contact"):
        dead_backend.read(())
    assert time.monotonic() - began < 15


@pytest.mark.slurm
@pytest.mark.pyslurm
def test_pyslurms_process_is_begun_anew_when_it_was_lost(slurm_cluster: SlurmCluster) -> None:
    if find_spec("pyslurm") is None:
        pytest.skip("pyslurm for the installed Slurm is not installed; docs/slurm.md names it")
    worker = Worker(worker_environment(slurm_cluster.env["SLURM_CONF"]))
    version = worker.value("version")
    os.kill(worker.process_id, signal.SIGKILL)

    with pytest.raises(BackendUnavailable, match="process ended"):
        worker.value("version")

    assert worker.value("version") == version
    worker.end()


def test_its_user_cannot_release_a_held_job(slurm_world: SlurmWorld) -> None:
    launch = a_launch(slurm_world.new_job_id(), script="sleep 60", is_held=True)
    slurm_id = start(slurm_world, launch)

    with pytest.raises(CalledProcessError):
        slurm_world.run(
            *("runuser", "-u", slurm_world.account, "--", "scontrol", "release", str(slurm_id))
        )

    assert slurm_world.squeue(slurm_id, "Reason") == "JobHeldAdmin"
    assert seen(slurm_world, slurm_id).state is BackendState.HELD


AMOUNT = Amount(2, 3, 2000)
EDITS = {
    "comment": ("Comment=mine", AMOUNT, ("n1", "n2"), 3600),
    "GPUs": ("Gres=gpu:h200:8", replace(AMOUNT, gpus=8), ("n1", "n2"), 3600),
    "nodes": ("ReqNodeList=n3,n4", AMOUNT, ("n3", "n4"), 3600),
    "time": ("TimeLimit=2-12:00:00", AMOUNT, ("n1", "n2"), 216_000),
}


@pytest.mark.parametrize(("edit", "each", "nodes", "walltime_s"), EDITS.values(), ids=EDITS.keys())
def test_a_held_job_that_its_user_edits_is_known_and_tells_what_it_asks_for_now(
    slurm_world: SlurmWorld, edit: str, each: Amount, nodes: tuple[str, ...], walltime_s: int
) -> None:
    script = "#SBATCH --cpus-per-task=3\nsleep 60"
    job_id = slurm_world.new_job_id()
    launch = a_launch(job_id, "n1", "n2", amount=AMOUNT, script=script, is_held=True)
    slurm_id = start(slurm_world, launch)
    as_user = ("runuser", "-u", slurm_world.account, "--", "scontrol", "update")
    slurm_world.run(*as_user, f"JobId={slurm_id}", edit)

    (job,) = slurm_world.backend.read(()).jobs

    assert (job.job_id, job.is_sealed) == (job_id, True)
    assert job.asks == Asked(Amount(2 * each.gpus, 6, 4000), nodes, walltime_s)


def test_a_job_that_runs_asks_for_what_it_has(slurm_world: SlurmWorld) -> None:
    launch = a_launch(slurm_world.new_job_id(), "n4", amount=Amount(2, 1, 1000), is_held=True)
    slurm_id = start(slurm_world, launch)
    slurm_world.backend.release([slurm_id])

    asks = seen_in(slurm_world, slurm_id, BackendState.RUNNING).asks

    assert asks == Asked(Amount(2, 1, 1000), ("n4",), 3600)


def test_a_submission_that_broke_off_before_the_seal_is_made_anew(slurm_world: SlurmWorld) -> None:
    launch = a_launch(slurm_world.new_job_id(), is_held=True)
    options = (f"--comment={launch.marker}", "--hold", "--gpus=1", "--wrap=sleep 60")
    home = f"--chdir={slurm_world.home}"
    loose = slurm_world.run(
        "runuser", "-u", slurm_world.account, "--", "sbatch", "--parsable", home, *options
    )

    sealed = start(slurm_world, launch)

    assert not seen(slurm_world, int(loose)).is_sealed
    assert seen(slurm_world, sealed).is_sealed
