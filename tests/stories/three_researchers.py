"""Three researchers of three organisations use the cluster for a while: one story, any backend."""

from __future__ import annotations

import time

from loadtests.stack import Stack
from tests.stories.people import ENDED, Person, metrics

TRAIN = """#!/bin/bash
#SBATCH --job-name=train
#SBATCH --nodes=1
#SBATCH --gpus=4
#SBATCH --cpus-per-task=4 --mem=8G
#SBATCH --time=10:00
#SBATCH --output=%j.out

echo "gpus $CUDA_VISIBLE_DEVICES as $(id -un)"
sleep 40
"""
WHOLE_CLUSTER = "#!/bin/bash\n#SBATCH --nodes=8 --gpus-per-node=8 --mem=1G\nsleep 600\n"


def each_runs_a_job(people: tuple[Person, ...], stack: Stack) -> list[dict[str, object]]:
    """Submit one job each, watch the truth at each stage, and return the ended jobs."""
    jobs = [(person, person.submit(TRAIN)) for person in people]
    for person, job_id in jobs:
        assert str(job_id) in person.tendik("queue")
        person.wait_for(job_id, {"running"})
        assert "running" in person.tendik("why", str(job_id))
    assert held_gpus_in_metrics(stack) == 12
    ended = [person.wait_for(job_id, ENDED) for person, job_id in jobs]
    assert [(job["state"], job["exit_code"]) for job in ended] == [("completed", 0)] * 3
    for person, job_id in jobs:
        assert str(job_id) not in person.tendik("queue")
    return ended


def one_waits_and_is_told_why(people: tuple[Person, ...], stack: Stack) -> None:
    """A whole-cluster gang makes another wait; why says so; cancelling lets the other start."""
    first, second, _ = people
    holder = first.submit(WHOLE_CLUSTER)
    first.wait_for(holder, {"running"})
    waiter = second.submit(TRAIN)
    told = waits_with_a_reason(second, waiter)
    assert "not enough free GPUs" in told or "others first" in told
    assert pending_gpus_in_metrics(stack) == 4
    assert "64" in first.tendik("share")
    first.tendik("cancel", str(holder))
    assert first.wait_for(holder, ENDED)["state"] == "cancelled"
    second.wait_for(waiter, {"running"})
    second.tendik("cancel", str(waiter))
    assert second.wait_for(waiter, ENDED)["state"] == "cancelled"


def wrong_scripts_are_refused_and_nothing_breaks(people: tuple[Person, ...]) -> None:
    person = people[0]
    file = person.home / "wrong.sh"
    file.write_text("#!/bin/bash\n#SBATCH --gpus=lots\nsrun train\n", encoding="utf-8")
    assert "wrong.sh:2: --gpus" in person.tendik("submit", "wrong.sh", fails_with=3)
    file.write_text("#!/bin/bash\n#SBATCH --gpus=65\nsrun train\n", encoding="utf-8")
    assert "65" in person.tendik("submit", "wrong.sh", fails_with=3)
    file.write_text("#!/bin/bash\nsrun train\n", encoding="utf-8")
    assert "--gpus" in person.tendik("submit", "wrong.sh", fails_with=3)
    assert "astana-university" in person.tendik("whoami")


def waits_with_a_reason(person: Person, job_id: int, patience_s: float = 20) -> str:
    deadline = time.monotonic() + patience_s
    while "not yet considered" in (told := person.tendik("why", str(job_id))):
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def held_gpus_in_metrics(stack: Stack) -> float:
    return summed(stack, "tendik_organisation_gpus_held")


def pending_gpus_in_metrics(stack: Stack, patience_s: float = 5) -> float:
    deadline = time.monotonic() + patience_s
    while not (gpus := summed(stack, "tendik_pending_gpus")) and time.monotonic() < deadline:
        time.sleep(0.3)
    return gpus


def summed(stack: Stack, metric: str) -> float:
    samples = metrics(stack).items()
    return sum(value for name, value in samples if name.startswith(metric + "{"))
