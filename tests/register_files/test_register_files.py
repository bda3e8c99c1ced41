"""Register files: read strictly, written back as they were, and published as a schema."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no types

from scheduler.domain.register import Register
from scheduler.domain.tenants import Access, Organisation, Project, Role, User
from scheduler.errors import InvalidRegister
from scheduler.register_files import parse_register, register_json_schema, register_text

FOLDER = Path(__file__).parents[2] / "policies" / "register"
EXAMPLE = (FOLDER / "example.toml").read_text("utf-8")
SMALL = """
[organisations.alpha]
class = "universities"
[organisations.alpha.projects.nlp]
[organisations.alpha.members.ada]
project = "nlp"
"""


def refusal(text: str) -> str:
    with pytest.raises(InvalidRegister) as caught:
        parse_register(text)
    return str(caught.value)


def test_a_file_is_read_with_its_defaults() -> None:
    assert parse_register(SMALL) == Register(
        (Organisation("alpha", "", "universities"),),
        (Project("alpha", "nlp", ""),),
        (User("ada", "alpha", "nlp", "ada"),),
    )


def test_the_example_says_who_and_until_when() -> None:
    register = parse_register(EXAMPLE)

    professor, student, engineer = register.users
    assert professor.role is Role.ORGANISATION_ADMIN
    assert (student.unix_account, student.access) == ("stud001", Access(date(2027, 1, 31)))
    assert engineer.organisation == "example-startup"
    assert register.organisations[1].access == Access(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('class = "universities"', "", "line 2: organisations.alpha.class: is missing"),
        ('project = "nlp"', 'projct = "nlp"', "line 6: organisations.alpha.members.ada.projct"),
        ('project = "nlp"', 'projct = "nlp"', "did you mean"),
        ('project = "nlp"', 'project = "N L P"', "must be lower-case letters"),
        ('project = "nlp"', 'project = "nlp"\nrole = "root"', "should be 'researcher'"),
        ('project = "nlp"', 'project = "nlp"\nexpires = "2027-06-30"', "line 7"),
        ('project = "nlp"', 'project = "nlp"\nunix_account = "Ada L"', "a Unix account's name"),
        ("members.ada", 'members."Ada L"', "must be lower-case letters"),
        ("[organisations", "[[organisations", "is not TOML"),
        (SMALL, "", "organisations: is missing"),
        (SMALL, "organisations = {}", "needs at least one table"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, says: str) -> None:
    assert says in refusal(SMALL.replace(old, new, 1))


def test_every_fault_is_told_at_once() -> None:
    wrong = SMALL.replace('class = "universities"', "clas = 1").replace("nlp", "N")

    assert {line.split(":")[0] for line in refusal(wrong).split("; ")} >= {"line 2", "line 3"}


def test_who_left_is_not_written_and_an_organisation_takes_all_of_its_own_along() -> None:
    gone = Access(None, datetime(2026, 1, 1, tzinfo=UTC))
    register = Register(
        (Organisation("alpha", "", "a"), Organisation("beta", "", "a", gone)),
        (Project("alpha", "old", "", gone), Project("alpha", "nlp", ""), Project("beta", "x", "")),
        (User("ada", "alpha", "nlp", "ada", access=gone), User("bob", "beta", "x", "bob")),
    )

    assert register_text(register) == (
        '[organisations.alpha]\nclass = "a"\n\n[organisations.alpha.projects.nlp]\n'
    )


NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
TITLES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20)
DAYS = st.builds(Access, st.none() | st.dates(date(2020, 1, 1), date(2099, 12, 31)))
ACCOUNTS = st.from_regex(r"[a-z_][a-z0-9_-]{0,10}", fullmatch=True)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    names = sorted(draw(st.sets(NAMES, min_size=1, max_size=3)))
    organisations = [Organisation(one, draw(TITLES), draw(NAMES), draw(DAYS)) for one in names]
    projects = [
        Project(owner, one, draw(TITLES), draw(DAYS))
        for owner in names
        for one in sorted(draw(st.sets(NAMES, max_size=2)))
    ]
    users = [
        User(
            one,
            draw(st.sampled_from(names)),
            draw(NAMES),
            draw(ACCOUNTS),
            draw(st.sampled_from(Role)),
            draw(DAYS),
        )
        for one in sorted(draw(st.sets(NAMES, max_size=3)))
    ]
    users.sort(key=lambda user: (user.organisation, user.name))
    return Register(tuple(organisations), tuple(projects), tuple(users))


@given(registers())
def test_what_is_written_reads_back_as_it_was(register: Register) -> None:
    assert parse_register(register_text(register)) == register


@given(registers())
def test_what_is_written_fits_the_schema(register: Register) -> None:
    document = tomllib.loads(register_text(register))
    text = json.loads(json.dumps(document, default=lambda day: day.isoformat()))
    Draft202012Validator(register_json_schema()).validate(text)


def test_the_published_schema_is_the_one_that_is_used() -> None:
    published = json.loads((FOLDER / "register.schema.json").read_text("utf-8"))

    assert published == register_json_schema()
