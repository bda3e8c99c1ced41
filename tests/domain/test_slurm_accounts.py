"""What Slurm's accounts are to be, and that nothing of others is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.register import Register, off_boarded
from scheduler.domain.slurm_accounts import (
    Act,
    Found,
    FoundAccount,
    SlurmAccount,
    SlurmStep,
    Wanted,
    slurm_plan,
    wanted_in_slurm,
)
from scheduler.domain.tenants import Access, Organisation, Project, User
from tests.build import at

NOW = at(0)
ALPHA, BETA = Organisation("alpha", "", "universities"), Organisation("beta", "", "startups")
OPERATIONS = Organisation("operations", "", "operators")
NLP, VISION, GRIPPERS = (
    Project("alpha", "nlp", ""),
    Project("alpha", "vision", ""),
    Project("beta", "grippers", ""),
)
ADA = User("ada", "alpha", "vision", "ada1")
TWIN = User("ada-bot", "alpha", "nlp", "ada1")
BOB = User("bob", "beta", "grippers", "bob")
REGISTER = Register((ALPHA, BETA, OPERATIONS), (NLP, VISION, GRIPPERS), (ADA, TWIN, BOB))
CLASSES = {"universities", "startups"}


def wanted(register: Register = REGISTER) -> Wanted:
    return wanted_in_slurm(register, CLASSES, NOW)


def taken(found: Found, steps: tuple[SlurmStep, ...]) -> Found:
    """Return what Slurm has once the steps are taken."""
    accounts, associations = dict(found.accounts), dict(found.associations)
    for step in steps:
        match step.act:
            case Act.ADD_ACCOUNT:
                accounts[step.account] = FoundAccount(step.parent, is_ours=True)
            case Act.ADD_USER:
                associations[step.account, step.user] = False
            case Act.STOP_ACCOUNT | Act.RESUME_ACCOUNT:
                is_stopped = step.act is Act.STOP_ACCOUNT
                accounts[step.account] = replace(accounts[step.account], is_stopped=is_stopped)
            case Act.STOP_USER | Act.RESUME_USER:
                associations[step.account, step.user] = step.act is Act.STOP_USER
    return Found(accounts, associations)


def test_each_organisation_with_a_share_has_an_account_with_its_projects_below() -> None:
    assert wanted().accounts == (
        SlurmAccount("alpha", "root", "alpha"),
        SlurmAccount("beta", "root", "beta"),
        SlurmAccount("alpha_nlp", "alpha", "alpha"),
        SlurmAccount("alpha_vision", "alpha", "alpha"),
        SlurmAccount("beta_grippers", "beta", "beta"),
    )


def test_everybody_may_charge_the_own_organisations_projects_the_own_one_first() -> None:
    assert wanted().associations == (
        ("alpha_vision", "ada1"),
        ("alpha_nlp", "ada1"),
        ("beta_grippers", "bob"),
    )


def test_a_second_run_finds_nothing_to_do() -> None:
    first = slurm_plan(wanted(), Found())

    assert len(first.steps) == 8
    assert slurm_plan(wanted(), taken(Found(), first.steps)).steps == ()


def test_who_left_is_stopped_and_resumed_and_never_deleted() -> None:
    full = taken(Found(), slurm_plan(wanted(), Found()).steps)
    left = replace(REGISTER, organisations=(ALPHA, off_boarded(BETA, NOW), OPERATIONS))
    steps = slurm_plan(wanted(left), full).steps

    assert steps == (
        SlurmStep(Act.STOP_ACCOUNT, "beta"),
        SlurmStep(Act.STOP_ACCOUNT, "beta_grippers"),
        SlurmStep(Act.STOP_USER, "beta_grippers", "bob"),
    )
    stopped = taken(full, steps)
    assert slurm_plan(wanted(left), stopped).steps == ()
    back = slurm_plan(wanted(), stopped).steps
    assert {step.act for step in back} == {Act.RESUME_ACCOUNT, Act.RESUME_USER}
    assert taken(stopped, back) == full


def test_an_account_of_two_users_is_stopped_when_both_have_left() -> None:
    full = taken(Found(), slurm_plan(wanted(), Found()).steps)
    one = replace(REGISTER, users=(off_boarded(ADA, NOW), TWIN, BOB))
    both = replace(REGISTER, users=(off_boarded(ADA, NOW), off_boarded(TWIN, NOW), BOB))

    assert slurm_plan(wanted(one), full).steps == ()
    assert [step.user for step in slurm_plan(wanted(both), full).steps] == ["ada1", "ada1"]


def test_an_expired_projects_account_is_stopped() -> None:
    full = taken(Found(), slurm_plan(wanted(), Found()).steps)
    expired = replace(NLP, access=Access(date(2001, 1, 1)))
    steps = slurm_plan(wanted(replace(REGISTER, projects=(expired, VISION, GRIPPERS))), full).steps

    assert steps == (
        SlurmStep(Act.STOP_ACCOUNT, "alpha_nlp"),
        SlurmStep(Act.STOP_USER, "alpha_nlp", "ada1"),
    )


def test_an_account_of_others_is_left_alone_with_all_below_it() -> None:
    plan = slurm_plan(wanted(), Found({"alpha": FoundAccount("root", is_ours=False)}))

    assert plan.others == ("alpha",)
    assert {step.account for step in plan.steps} == {"beta", "beta_grippers"}


def test_an_account_of_ours_that_was_moved_is_left_where_it_is() -> None:
    full = taken(Found(), slurm_plan(wanted(), Found()).steps)
    moved = Found(
        {**full.accounts, "alpha_nlp": FoundAccount("beta", is_ours=True)}, full.associations
    )

    assert slurm_plan(wanted(), moved).others == ("alpha_nlp",)
    assert slurm_plan(wanted(), moved).steps == ()


def test_whom_the_register_does_not_know_keeps_what_was_given_by_hand() -> None:
    full = taken(Found(), slurm_plan(wanted(), Found()).steps)
    by_hand = Found(full.accounts, {**full.associations, ("alpha_nlp", "guest"): False})

    assert slurm_plan(wanted(), by_hand).steps == ()
    empty = slurm_plan(wanted(Register(users=REGISTER.users)), by_hand).steps
    assert "guest" not in {step.user for step in empty}


ACCOUNTS = st.sampled_from(["alpha", "alpha_nlp", "beta", "beta_grippers", "physics"])
USERS = st.sampled_from(["ada1", "bob", "guest"])


@st.composite
def whatever(draw: st.DrawFn) -> Found:
    places = st.builds(
        FoundAccount, st.sampled_from(["root", "alpha", "beta"]), st.booleans(), st.booleans()
    )
    accounts = draw(st.dictionaries(ACCOUNTS, places, min_size=1))
    pairs = st.tuples(st.sampled_from(sorted(accounts)), USERS)
    return Found(accounts, draw(st.dictionaries(pairs, st.booleans())))


@given(whatever())
def test_whatever_slurm_has_others_keep_theirs_and_a_second_run_does_nothing(found: Found) -> None:
    plan = slurm_plan(wanted(), found)
    after = taken(found, plan.steps)

    assert slurm_plan(wanted(), after).steps == ()
    for name, account in found.accounts.items():
        if not account.is_ours:
            assert after.accounts[name] == account
    for (account_name, user), is_stopped in found.associations.items():
        there = found.accounts.get(account_name)
        if user == "guest" or (there is not None and not there.is_ours):
            assert after.associations[account_name, user] == is_stopped
