"""The table of options is complete, says what to do instead, and is the one in the guide."""

from __future__ import annotations

from collections import Counter

import pytest

from loadtests.sbatch_oracle.tables import GUIDE, with_tables
from scheduler.domain.sbatch.options import (
    HANDLINGS,
    OPTIONS,
    Argument,
    Handling,
    Option,
    UnknownOption,
    option_named,
    short_option,
)

# What `sbatch --help` of Slurm 22.05 lists, and the options that it knows besides.
OPTIONS_OF_22_05 = """
account acctg-freq array batch bb bbf begin chdir cluster cluster-constraint clusters comment
constraint container context contiguous core-spec cores-per-socket cpu-freq cpus-per-gpu
cpus-per-task deadline delay-boot dependency distribution error exclude exclusive export
export-file extra-node-info get-user-env gid gpu-bind gpu-freq gpus gpus-per-node gpus-per-socket
gpus-per-task gres gres-flags help hint hold ignore-pbs input job-name kill-on-invalid-dep licenses
mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus network nice no-kill
no-requeue nodefile nodelist nodes ntasks ntasks-per-core ntasks-per-gpu ntasks-per-node
ntasks-per-socket ntasks-per-tres open-mode output overcommit oversubscribe parsable partition power
prefer priority profile propagate qos quiet reboot requeue reservation signal sockets-per-node
spread-job switches tasks-per-node test-only thread-spec threads-per-core time time-min tmp uid
usage use-min-nodes verbose version wait wait-all-nodes wckey wrap
"""


def test_the_tables_in_the_guide_are_those_that_are_used() -> None:
    guide = GUIDE.read_text(encoding="utf-8")

    assert with_tables(guide) == guide


def test_every_handling_is_explained() -> None:
    assert set(HANDLINGS) == set(Handling)


@pytest.mark.parametrize("name", OPTIONS_OF_22_05.split())
def test_slurms_own_options_are_known(name: str) -> None:
    assert option_named(name) in OPTIONS


def test_no_name_or_letter_is_used_twice() -> None:
    names = Counter(option.name for option in OPTIONS)
    letters = Counter(option.short for option in OPTIONS if option.short)

    assert max(names.values()) == max(letters.values()) == 1


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_found_by_its_name_and_its_letter(option: Option) -> None:
    assert option_named(option.name) is option
    assert not option.short or short_option(option.short) is option


REFUSED = [option for option in OPTIONS if option.handling is Handling.REFUSED]


@pytest.mark.parametrize("option", REFUSED, ids=lambda option: option.name)
def test_a_refusal_gives_a_reason_and_a_mend(option: Option) -> None:
    reason, _, mend = option.text.partition("; ")

    assert reason
    assert mend


def test_usage_tells_which_options_take_a_value() -> None:
    assert option_named("gpus").argument is Argument.REQUIRED
    assert option_named("exclusive").argument is Argument.OPTIONAL
    assert option_named("hold").argument is Argument.NONE


@pytest.mark.parametrize("name", ["", "no-such", "x" * 100_000])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownOption, match="is not an option of sbatch"):
        option_named(name)
