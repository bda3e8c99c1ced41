"""What jobs write on a real cluster is read as their users, while they run and afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loadtests.stack import running_service
from tests.slurm.conftest import SlurmCluster
from tests.slurm.test_three_researchers import moved_home
from tests.stories.people import ENDED, Person, people_of

pytestmark = pytest.mark.slurm
LINES = 4
A_LINE_A_SECOND = f"""#!/bin/bash
#SBATCH --gpus=1 --time=5 --job-name=talks
for n in $(seq {LINES}); do echo "line $n"; echo "oops $n" >&2; sleep 1; done
"""
# Slurm's symbols, with widths; all nodes of this cluster have one host name, so %N is left out.
NAMED = "--output=%%-%x-%u-%s-%3n-%t-%J-%5j-%A-%a-%b-%q.log"


@pytest.fixture(scope="module")
def people(
    slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Person]]:
    folder = tmp_path_factory.mktemp("logs")
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": "0",
        "SLURM_CONF": slurm_cluster.env["SLURM_CONF"],
    }
    with running_service(folder / "service", settings) as stack:
        *researchers, _ = people_of(stack, folder)
        yield [moved_home(person, slurm_cluster) for person in researchers]


def test_a_job_that_writes_a_line_a_second_is_followed_to_its_end(people: list[Person]) -> None:
    job_id = people[0].submit(A_LINE_A_SECOND, "--error=errors.%j")

    output = people[0].tendik("logs", "-f", str(job_id))
    errors = people[0].tendik("logs", "--stderr", "--tail", "1", str(job_id))

    assert output.splitlines() == [f"line {n}" for n in range(1, LINES + 1)]
    assert errors == f"oops {LINES}\n"


@pytest.mark.parametrize("array", ["", "--array=13"])
def test_a_file_is_looked_for_where_slurm_writes_it(people: list[Person], array: str) -> None:
    flags = [NAMED, *filter(None, [array])]
    job_id = people[0].submit("#!/bin/bash\n#SBATCH --gpus=1 --time=5\necho here\n", *flags)
    people[0].wait_for(job_id, ENDED)

    assert people[0].tendik("logs", str(job_id)) == "here\n"


def test_another_users_job_is_not_found(people: list[Person]) -> None:
    job_id = people[0].submit("#!/bin/bash\n#SBATCH --gpus=1 --time=5\necho secret\n")
    people[0].wait_for(job_id, ENDED)

    assert f"no job '{job_id}'" in people[1].tendik("logs", str(job_id), fails_with=4)


def test_a_link_to_a_file_of_roots_is_read_by_nobody(
    people: list[Person], slurm_cluster: SlurmCluster
) -> None:
    secret = slurm_cluster.dir / "secret"
    secret.write_text("of root alone\n", encoding="utf-8")
    secret.chmod(0o600)
    script = f"#!/bin/bash\n#SBATCH --gpus=1 --time=5 -o link.out\nln -sf {secret} link.out\n"
    job_id = people[0].submit(script)
    people[0].wait_for(job_id, ENDED)

    assert (people[0].home / "link.out").read_text(encoding="utf-8") == "of root alone\n"
    refused = people[0].tendik("logs", str(job_id), fails_with=8)
    assert "may not read it" in refused
    assert "of root alone" not in refused
