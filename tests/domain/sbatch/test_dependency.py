"""The value of --dependency: read as sbatch 22.05 reads it, or refused with the mend."""

from __future__ import annotations

import pytest

from scheduler.domain.dependencies.terms import Condition, Dependency, NamedJob, Term
from scheduler.domain.sbatch.dependency import MAX_TERMS, dependency
from scheduler.domain.sbatch.reading import read_job

READ = {
    "one job": ("afterok:1042", "afterok:1042"),
    "several of one kind": ("afterok:1:2", "afterok:1,afterok:2"),
    "an element of an array": ("afterany:1050_3", "afterany:1050_3"),
    "several kinds": ("afterok:1,afternotok:2,after:3", "afterok:1,afternotok:2,after:3"),
    "any of them": ("afterok:1?afternotok:1", "afterok:1?afternotok:1"),
    "minutes after each": ("after:1:2+5:3+7", "after:1,after:2+5,after:3+7"),
    "minutes after one": ("after:1+5,after:2", "after:1+5,after:2"),
    "corresponding elements": ("aftercorr:1050", "aftercorr:1050"),
    "jobs of its name": ("singleton", "singleton"),
    "jobs of its name and another": ("singleton,afterok:1", "singleton,afterok:1"),
    "a bare number": ("7", "afterany:7"),
    "bare numbers": ("7,8", "afterany:7,afterany:8"),
    "capitals": ("AfterOK:7", "afterok:7"),
    "a leading zero": ("afterok:07", "afterok:7"),
    "the same twice": ("afterok:7:7", "afterok:7"),
    "all of several minutes after one": ("after:1+5,after:2,after:1+9", "after:1+9,after:2"),
    "any of several minutes after one": ("after:1+5?after:1+9", "after:1+5"),
}
REFUSED = {
    "no condition that there is": ("foo:1", "must be a condition and jobs"),
    "no job": ("afterok", "must name jobs by number"),
    "an empty job": ("afterok:1:", "must name jobs by number"),
    "words": ("afterok:x", "must name jobs by number"),
    "an empty term": ("afterok:1,", "must be a condition and jobs"),
    "both separators": ("afterok:1,afterany:2?after:3", "either , for all or ? for any"),
    "a job for singleton": ("singleton:1", "singleton names no job"),
    "minutes of another kind": ("afterok:1+5", "go with after alone"),
    "minutes that Slurm carries on": ("after:1+5:2", "Slurm would count 5 minutes for 2 too"),
    "no minutes": ("after:1+0", "a delay is from 1"),
    "minutes without end": ("after:1+999999999", "a delay is from 1"),
    "job 0": ("afterok:0", "no job's number"),
    "a number that no job has": ("afterok:9999999999999999999", "no job's number"),
    "several elements at once": ("afterok:1050_[1-3]", "must name jobs by number"),
    "a space": ("afterok:1, afterok:2", "must be a condition and jobs"),
    "a burst buffer": ("afterburstbuffer:1", "no burst buffers here"),
    "a larger job": ("expand:1", "a job cannot grow"),
    "bare numbers with a colon": ("1:2", "must be a condition and jobs"),
    "digits of another script": ("afterok:٣", "must name jobs by number"),
    "more than anybody reads": (
        "afterok:" + ":".join(map(str, range(1, MAX_TERMS + 2))),
        f"more than {MAX_TERMS} jobs",
    ),
}


@pytest.mark.parametrize(("text", "wanted"), READ.values(), ids=READ.keys())
def test_it_is_read(text: str, wanted: str) -> None:
    assert str(dependency(text)) == wanted


@pytest.mark.parametrize("text", ["", "0"])
def test_nothing_is_waited_for(text: str) -> None:
    assert dependency(text) is None


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        dependency(text)

    assert message in str(refused.value)


def test_a_long_list_is_told_by_its_first() -> None:
    few, many = dependency("afterok:1:2:3"), dependency("afterok:1:2:3:4:5")

    assert few is not None
    assert many is not None
    assert few.shortened == "afterok:1,afterok:2,afterok:3"
    assert many.shortened == "afterok:1,afterok:2,afterok:3 and 2 more"


def test_names_are_looked_up_each_once() -> None:
    read = dependency("afterok:1:1050_3,after:1+5,singleton")
    assert read is not None
    assert read.named == (NamedJob(1), NamedJob(1050, 3))

    on = read.on({NamedJob(1): range(1, 2), NamedJob(1050, 3): range(1052, 1053)})
    assert [list(term.job_ids) for term in on.terms] == [[1], [1052], [1], []]
    assert str(on) == str(read)


def test_an_element_waits_for_the_one_that_corresponds_or_for_all() -> None:
    array = NamedJob(50)
    all_of_it = Term(Condition.AFTER_CORRESPONDING, array, 0, 50, 53)
    other = Term(Condition.AFTER_OK, array, 0, 50, 53)
    wanted = Dependency((all_of_it, other))
    indices = {0: 50, 2: 51, 4: 52, 6: 53}
    elements = {NamedJob(50, index): range(one, one + 1) for index, one in indices.items()}

    fourth, fifth = (wanted.of_element(index, elements) for index in (4, 5))
    assert str(fourth) == "aftercorr:50_4,afterok:50"
    assert [list(term.job_ids) for term in fourth.terms] == [[52], [50, 51, 52, 53]]
    assert fifth == wanted


KILLS = {
    "not said": ((), False),
    "said": (("--kill-on-invalid-dep=yes",), True),
    "said in capitals": (("--kill-on-invalid-dep=YES",), True),
    "denied": (("--kill-on-invalid-dep=no",), False),
    "said and denied": (("--kill-on-invalid-dep=yes", "--kill-on-invalid-dep=no"), True),
}


@pytest.mark.parametrize(("flags", "cancels"), KILLS.values(), ids=KILLS.keys())
def test_a_job_is_cancelled_where_that_was_ever_said(flags: tuple[str, ...], cancels: bool) -> None:
    read = read_job("#!/bin/bash\n#SBATCH --gpus=1 -d afterok:1\n", flags)

    assert read.spec.dependency is not None
    assert read.spec.dependency.cancels is cancels
    assert read.spec.flags == ()


def test_a_flag_overrides_or_takes_back_what_a_script_waits_for() -> None:
    script = "#!/bin/bash\n#SBATCH --gpus=1 -d afterok:1 -H -A Vision\n"
    other, none = (read_job(script, (f"--dependency={text}",)) for text in ("singleton", ""))

    assert str(other.spec.dependency) == "singleton"
    assert none.spec.dependency is None
    assert (none.held, none.account) == (True, "vision")
