"""The steps between what the register says and what it is to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.domain.register import Change, Entry, Register, Step, off_boarded, planned
from scheduler.domain.register import step_in_words as words
from scheduler.domain.tenants import Access, Organisation, Project, Role, User
from tests.build import at

ALPHA = Organisation("alpha", "Alpha", "universities")
BETA = Organisation("beta", "Beta", "startups")
NLP, VISION = Project("alpha", "nlp", ""), Project("alpha", "vision", "")
GRIPPERS = Project("beta", "grippers", "")
ADA, EVE = User("ada", "alpha", "nlp", "ada"), User("eve", "alpha", "vision", "eve")
BOB = User("bob", "beta", "grippers", "bob")
NOW = at(0)
KNOWN = Register((ALPHA, BETA), (NLP, VISION, GRIPPERS), (ADA, BOB, EVE), 9)
OF_ALPHA = Register((ALPHA,), (NLP,), (ADA,))


def after(register: Register, steps: tuple[Step, ...]) -> Register:
    """Return the register once the steps are taken."""

    changed = {step.before: step.after for step in steps if step.before}
    new = [step.after for step in steps if step.before is None]
    entries: tuple[Entry, ...] = (*register.organisations, *register.projects, *register.users)
    found: list[Entry] = [*(changed.get(one, one) for one in entries), *new]
    return Register(
        tuple(one for one in found if isinstance(one, Organisation)),
        tuple(one for one in found if isinstance(one, Project)),
        tuple(one for one in found if isinstance(one, User)),
        register.revision + len(steps),
    )


def test_who_is_not_listed_is_left_alone() -> None:
    assert planned(KNOWN, OF_ALPHA, None) == ()


def test_who_is_not_listed_leaves_where_that_is_asked_for_from_listed_organisations_only() -> None:
    steps = planned(KNOWN, OF_ALPHA, NOW)

    assert [(step.what, step.after.name) for step in steps] == [
        (Change.OFF_BOARDED, "eve"),
        (Change.OFF_BOARDED, "vision"),
    ]


@pytest.mark.parametrize("off_board_at", [None, NOW])
def test_what_was_applied_changes_nothing_when_it_is_applied_again(
    off_board_at: object,
) -> None:
    moment = NOW if off_board_at else None
    promoted = replace(ADA, role=Role.ORGANISATION_ADMIN)
    wanted = Register((ALPHA,), (NLP, Project("alpha", "speech", "")), (promoted,))
    steps = planned(KNOWN, wanted, moment)

    assert steps
    assert planned(after(KNOWN, steps), wanted, moment) == ()


def test_organisations_come_before_projects_and_projects_before_users() -> None:
    steps = planned(Register(), KNOWN, None)

    assert [type(step.after) for step in steps] == [Organisation] * 2 + [Project] * 3 + [User] * 3
    assert {step.what for step in steps} == {Change.CREATED}


def test_who_left_comes_back_by_being_listed() -> None:
    left = off_boarded(EVE, NOW)
    known = replace(KNOWN, users=(ADA, BOB, left))
    (step,) = planned(known, replace(OF_ALPHA, projects=(NLP, VISION), users=(ADA, EVE)), NOW)

    assert (step.before, step.after, step.what) == (left, EVE, Change.RE_BOARDED)
    assert step.needs_token


def test_who_left_earlier_is_not_off_boarded_again() -> None:
    left = off_boarded(EVE, NOW)
    assert off_boarded(left, at(60)) == left
    assert planned(replace(KNOWN, users=(ADA, BOB, left)), OF_ALPHA, at(60)) == planned(
        replace(KNOWN, users=(ADA, BOB)), OF_ALPHA, at(60)
    )


SENTENCES = {
    "create user eve of alpha: project: vision, unix_account: eve, role: researcher": Step(
        None, EVE
    ),
    "change project nlp of alpha: expires: - -> 2027-06-30": Step(
        NLP, replace(NLP, access=Access(date(2027, 6, 30)))
    ),
    "change organisation alpha: class: universities -> startups": Step(
        ALPHA, replace(ALPHA, tenant_class="startups")
    ),
    "off-board organisation beta": Step(BETA, off_boarded(BETA, NOW)),
    "re-board user eve of alpha": Step(off_boarded(EVE, NOW), EVE),
    "re-board user eve of alpha: project: vision -> nlp": Step(
        off_boarded(EVE, NOW), replace(EVE, project="nlp")
    ),
    "replace the token of user eve of alpha": Step(EVE, EVE),
}


@pytest.mark.parametrize(("sentence", "step"), SENTENCES.items(), ids=SENTENCES.keys())
def test_a_step_is_told_in_words(sentence: str, step: Step) -> None:
    assert words(step) == sentence
