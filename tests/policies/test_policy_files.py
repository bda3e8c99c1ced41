"""Policy files become policies, or are refused with the key, the line and the mend."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no types

from scheduler.domain.policies import (
    OwnJobs,
    PerPool,
    Policy,
    Quota,
    RecallBy,
    RecallRules,
    SparePlaces,
    UserLimits,
    WaitRules,
)
from scheduler.errors import InvalidPolicy
from scheduler.policy_files import parse_policy, policy_json_schema, policy_version

POLICIES = Path(__file__).parents[2] / "policies"
SHIPPED = sorted(POLICIES.glob("*.toml"))
SMALLEST = 'title = "small"\n[classes.universities]\n'


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def refusals(text: str) -> list[str]:
    with pytest.raises(InvalidPolicy) as refused:
        parse_policy(text)
    return [str(violation) for violation in refused.value.violations]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_policy_is_right_and_names_its_schema(path: Path) -> None:
    title, policy = parse_policy(read(path))

    assert title
    assert policy.classes
    assert read(path).startswith("#:schema ./policy.schema.json\n")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_policy_fits_the_published_schema(path: Path) -> None:
    # Editors hold TOML against the schema as JSON, in which times are text.
    document = json.loads(json.dumps(tomllib.loads(read(path)), default=datetime.isoformat))

    Draft202012Validator(policy_json_schema()).validate(document)


def test_the_published_schema_is_the_one_that_is_used() -> None:
    published = json.loads(read(POLICIES / "policy.schema.json"))

    assert published == policy_json_schema()


def test_the_guide_names_every_file_and_key() -> None:
    guide = read(POLICIES / "README.md")
    keys = [
        key
        for table in json.loads(read(POLICIES / "policy.schema.json"))["$defs"].values()
        for key in table["properties"]
    ]

    assert [name for name in [*keys, *(p.name for p in SHIPPED)] if f"`{name}`" not in guide] == []


def test_the_default_policy_is_equal_for_all() -> None:
    _, policy = parse_policy(read(POLICIES / "national-default.toml"))

    assert set(policy.classes) == {"universities", "startups", "agencies", "students"}
    assert list(policy.classes.values()) == [Quota()] * 4
    assert policy.organisation_default == Quota()
    assert policy.organisations == {}
    assert not policy.recall.enabled


def test_the_policy_with_floors_brings_them_back() -> None:
    _, policy = parse_policy(read(POLICIES / "equal-with-floors.toml"))

    assert policy.recall == RecallRules(enabled=True, notice_s=300, min_runtime_s=1800)


def test_what_is_not_said_has_the_defaults_of_the_domain() -> None:
    assert parse_policy(SMALLEST) == ("small", Policy({"universities": Quota()}))


EVERYTHING = """
title = "all"
[usage]
half_life = "1d12h"
weight = 0.1
[rates]
a100 = 0.4
[classes.a]
share = 3
floor_gpus = 2
ceiling_gpus = { "alem/h200" = 8, other = 16 }
borrowing_limit_gpus = 0
lending_limit_gpus = { "alem/h200" = 1 }
[organisations.default]
share = 2
[organisations.x-1.floor_gpus]
"alem/h200" = 4
[user_limits]
max_held_gpus = 8
max_pending_jobs = 9
max_walltime = "90m"
max_array_elements = 10
[wait]
guard = "6h"
places = 2
spare_places = "gangs"
[recall]
enabled = true
notice = "90s"
min_runtime = "0s"
by = "shares"
[order]
own_jobs = "shortest"
"""


def test_every_key_reaches_the_policy() -> None:
    bounds = (
        PerPool(2),
        PerPool(16, {"alem/h200": 8}),
        PerPool(0),
        PerPool(None, {"alem/h200": 1}),
    )

    assert parse_policy(EVERYTHING)[1] == Policy(
        classes={"a": Quota(3, *bounds)},
        organisation_default=Quota(2),
        organisations={"x-1": Quota(floor=PerPool(0, {"alem/h200": 4}))},
        rates={"a100": Fraction(2, 5)},
        half_life_s=36 * 3600,
        usage_weight=Fraction(1, 10),
        user_limits=UserLimits(8, 9, 5400, 10),
        own_jobs=OwnJobs.SHORTEST,
        wait=WaitRules(6 * 3600, 2, SparePlaces.GANGS),
        recall=RecallRules(True, 90, min_runtime_s=0, by=RecallBy.SHARES),
    )


def test_a_version_carries_the_text_and_its_hash() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    version = policy_version(SMALLEST, "root", at)

    assert (version.number, version.name, version.text) == (0, "small", SMALLEST)
    assert (version.applied_by, version.applied_at) == ("root", "2026-03-02T12:00:00+00:00")
    assert version.sha256 == policy_version(SMALLEST, "aru", at).sha256
    assert version.sha256 != policy_version(SMALLEST + "\n", "root", at).sha256


# Each breaks one line of EVERYTHING.
BROKEN = {
    'title = "all"': {
        "": "title: is missing; every policy has a title",
        "title = 1": "line 2: title: should be a valid string, not 1",
        'title = ""': "line 2: title: should have at least 1 characters, not ''",
        'title = "a\\nb"': "line 2: title: must be one line of text, not 'a\\nb'",
        'titel = "all"\ntitle = "all"': "line 2: titel: is not a key of this table; known: ",
    },
    'half_life = "1d12h"': {
        'half_life = "7 days"': "line 4: usage.half_life: must be a duration such as 90m, 12h, 7d",
        'half_life = "0s"': "line 4: usage.half_life: must be from 3600s to 315360000s, not '0s'",
        "half_life = 7": "line 4: usage.half_life: should be a valid string, not 7",
        'half_life = "59m"': "line 4: usage.half_life: must be from 3600s to 315360000s",
        'half_life = "9999w"': "line 4: usage.half_life: must be from 3600s to 315360000s",
        'halflife = "7d"': "line 4: usage.halflife: is not a key of this table; known: "
        "half_life, weight; did you mean half_life?",
    },
    "weight = 0.1": {
        "weight = -1": "line 5: usage.weight: should be greater than or equal to 0, not -1",
        "weight = nan": "line 5: usage.weight: should be a finite number, not nan",
        'weight = "1"': "line 5: usage.weight: should be a valid number, not '1'",
    },
    "a100 = 0.4": {
        "a100 = 0": "line 7: rates.a100: should be greater than 0, not 0",
        '"a 100" = 1': 'line 7: rates."a 100": must be a GPU type as Slurm names it',
    },
    "[classes.a]": {
        "[classes.A]": "line 8: classes.A: must be lower-case letters, digits and hyphens",
        "[classes]\n[usages]": "line 8: classes: needs at least one table",
        "[class.a]": "classes: is missing",
    },
    "share = 3": {
        "share = 0": "line 9: classes.a.share: should be greater than or equal to 1, not 0",
        "share = -3": "line 9: classes.a.share: should be greater than or equal to 1, not -3",
        "share = 1.5": "line 9: classes.a.share: should be a valid integer, not 1.5",
        "share = true": "line 9: classes.a.share: should be a valid integer, not True",
        "shares = 3": "line 9: classes.a.shares: is not a key of this table; known: share",
    },
    "floor_gpus = 2": {
        "floor_gpus = -2": "line 10: classes.a.floor_gpus: should be greater than or equal to 0",
        "floor_gpus = 17": "line 10: classes.a.floor_gpus: 17 is more than ceiling_gpus 8 in "
        "alem/h200; lower the floor or raise the ceiling",
        'floor_gpus = "all"': "line 10: classes.a.floor_gpus: should be a valid integer, not 'all'",
        "floor_gpus = { h200 = 2 }": "line 10: classes.a.floor_gpus.h200: must be partition/type",
        'floor_gpus = { "a/b" = -1 }': 'line 10: classes.a.floor_gpus."a/b": should be greater',
    },
    "borrowing_limit_gpus = 0": {
        "borrowing_limit_gpus = 1000001": "line 12: classes.a.borrowing_limit_gpus: should be less",
    },
    'lending_limit_gpus = { "alem/h200" = 1 }': {
        "lending_limit_gpus = 3": "line 13: classes.a.lending_limit_gpus: 3 is more than "
        "floor_gpus 2 in alem/h200; only a floor's idle GPUs are lent",
    },
    "[organisations.default]": {
        "[organisations.-x]": "line 14: organisations.-x: must be lower-case letters",
    },
    "max_held_gpus = 8": {
        "max_held_gpus = 0": "line 19: user_limits.max_held_gpus: should be greater than or equal",
    },
    "max_pending_jobs = 9": {
        "max_jobs = 9": "line 20: user_limits.max_jobs: is not a key of this table; known: ",
    },
    'max_walltime = "90m"': {
        'max_walltime = "10s"': "line 21: user_limits.max_walltime: must be from 60s",
    },
    "max_array_elements = 10": {
        "max_array_elements = 100001": "line 22: user_limits.max_array_elements: should be less",
        "max_array_elements =": "line 22: file: is not TOML: Invalid value",
    },
    'guard = "6h"': {
        'guard = "59s"': "line 24: wait.guard: must be from 60s to 315360000s, not '59s'",
        'guard = "-6h"': "line 24: wait.guard: must be a duration such as 90m, 12h, 7d",
        "guard_s = 6": "line 24: wait.guard_s: is not a key of this table; known: guard, places, "
        "spare_places",
    },
    "enabled = true": {
        'enabled = "yes"': "line 28: recall.enabled: should be a valid boolean, not 'yes'",
        "enabled = 1": "line 28: recall.enabled: should be a valid boolean, not 1",
        "on = true": "line 28: recall.on: is not a key of this table; known: enabled, notice, min",
    },
    'notice = "90s"': {
        'notice = "1441m"': "line 29: recall.notice: must be from 0s to 86400s, not '1441m'",
        'notice = "-90s"': "line 29: recall.notice: must be a duration such as 90m, 12h, 7d",
        "notice = 90": "line 29: recall.notice: should be a valid string, not 90",
    },
    'min_runtime = "0s"': {
        'min_runtime = "-1h"': "line 30: recall.min_runtime: must be a duration such as 90m",
        'min_runtime = "9999w"': "line 30: recall.min_runtime: must be from 0s to 315360000s",
    },
}
BREAKS = [(line, new, want) for line, news in BROKEN.items() for new, want in news.items()]


@pytest.mark.parametrize(("line", "broken", "want"), BREAKS)
def test_a_broken_key_is_named_with_its_line_and_mend(line: str, broken: str, want: str) -> None:
    assert line in EVERYTHING

    assert refusals(EVERYTHING.replace(line, broken, 1))[0].startswith(want)


def test_every_wrong_key_is_listed_in_the_order_of_lines() -> None:
    text = EVERYTHING.replace("share =", "shares =").replace("a100 = 0.4", "a100 = 0")

    assert [refusal.split(": ")[0] for refusal in refusals(text)] == ["line 7", "line 9", "line 15"]


OF_A_CLASS = """
title = "students"
[classes.students]
floor_gpus = 8
[classes.students.members]
share = 4
floor_gpus = 1
[classes.students.user_limits]
max_walltime = "2h"
max_job_gpus = 2
[organisations.default]
share = 3
"""


def test_a_class_may_say_what_holds_for_its_members_and_their_users() -> None:
    _, policy = parse_policy(OF_A_CLASS)

    assert policy.organisation("students", "any") == Quota(4, floor=PerPool(1))
    assert policy.organisation("startups", "any") == Quota(3)
    assert policy.limits_of_users("students") == UserLimits(max_walltime_s=7200, max_job_gpus=2)
    assert policy.limits_of_users("startups") == UserLimits()


WRONG_OF_A_CLASS = {
    "share = 4": {
        "shares = 4": "line 6: classes.students.members.shares: is not a key of this table; known",
        "lending_limit_gpus = 2": "line 6: classes.students.members.lending_limit_gpus: 2 is more",
    },
    'max_walltime = "2h"': {
        'max_walltime = "2s"': "line 9: classes.students.user_limits.max_walltime: must be from",
        "max_time = 2": "line 9: classes.students.user_limits.max_time: is not a key of this",
    },
    "[classes.students.members]": {
        "[classes.students.member]": "line 5: classes.students.member: is not a key of this table",
    },
}


@pytest.mark.parametrize(
    ("line", "broken", "want"),
    [(line, *case) for line, cases in WRONG_OF_A_CLASS.items() for case in cases.items()],
)
def test_a_broken_key_of_a_class_is_named(line: str, broken: str, want: str) -> None:
    assert refusals(OF_A_CLASS.replace(line, broken, 1))[0].startswith(want)


NO_POLICIES = {
    "nothing": ("", "title: is missing"),
    "another format": ("{}", "line 1: file: is not TOML"),
    "too much": ("#" * (1024 * 1024 + 1), "file: is longer than 1048576 characters"),
    "too deep": ("x = " + "[" * 100_000, "file: is nested too deeply"),
    "a huge number": ("x = " + "9" * 5000, "file: is not TOML"),
    "no class": ('title = "a"\n[classes]', "line 2: classes: needs at least one table"),
    "a class that is no table": ('title = "a"\nclasses = 1', "line 2: classes: should be a valid"),
}


@pytest.mark.parametrize(("text", "want"), NO_POLICIES.values(), ids=NO_POLICIES.keys())
def test_what_is_no_policy_is_refused(text: str, want: str) -> None:
    assert refusals(text)[0].startswith(want)


lines = st.sampled_from(EVERYTHING.splitlines()) | st.text(max_size=20)


@given(st.lists(lines, max_size=20).map("\n".join))
def test_nothing_but_a_policy_or_a_refusal_comes_out(text: str) -> None:
    try:
        title, _ = parse_policy(text)
    except InvalidPolicy as refused:
        title = str(refused)
    assert title
