"""Funds are made; grants are asked for, decided by others, and seen by whom they concern."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.domain.budgets.ledger import Price
from scheduler.domain.tenants import Role, User
from scheduler.identity import new_token, token_sha256
from scheduler.v1 import budget_service_pb2 as pb
from tests.build import NOON, a_tenant
from tests.rpc.world import Refusal, World, a_world, refused
from tests.store.build import a_new

HOUR_S = 3600
FUND: dict[str, Any] = {"fund_id": "ai-fund", "title": "AI Fund", "gpu_seconds": 1000 * HOUR_S}
DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    """A service with a fund; Saule and Daniyar are its cluster admins."""
    async with a_world() as world:
        token = world.tokens["daniyar"] = new_token()
        daniyar = User("daniyar", "operations", "main", "daniyar", Role.CLUSTER_ADMIN)
        world.store.add_user(daniyar, token_sha256(token))
        await world.budgets.CreateFund(
            pb.CreateFundRequest(fund=pb.Fund(**FUND)), metadata=world.by("saule")
        )
        yield world


def stamp(at: datetime) -> Timestamp:
    return Timestamp(seconds=int(at.timestamp()))


def a_wish(**changes: Any) -> pb.RequestGrantRequest:
    """Return a request for 100 GPU-hours for a month, changed."""
    usual = {
        "fund_id": "ai-fund",
        "project_id": "vision",
        "gpu_seconds": 100 * HOUR_S,
        "expire_time": stamp(NOON + 30 * DAY),
        "why": "a model of Kazakh speech",
    }
    return pb.RequestGrantRequest(**{**usual, **changes})


async def ask(world: World, who: str = "aigerim", **changes: Any) -> pb.Grant:
    answer = await world.budgets.RequestGrant(a_wish(**changes), metadata=world.by(who))
    return answer.grant


async def review(world: World, grant: pb.Grant, who: str = "saule", hours: int = 0) -> pb.Grant:
    request = pb.ReviewGrantRequest(
        number=grant.number,
        revision=grant.revision,
        comment="sound",
        gpu_seconds=hours * HOUR_S,
    )
    return (await world.budgets.ReviewGrant(request, metadata=world.by(who))).grant


async def award(world: World, grant: pb.Grant, who: str = "saule", hours: int = 0) -> pb.Grant:
    request = pb.AwardGrantRequest(
        number=grant.number, revision=grant.revision, gpu_seconds=hours * HOUR_S
    )
    return (await world.budgets.AwardGrant(request, metadata=world.by(who))).grant


async def end(world: World, step: str, grant: pb.Grant, who: str, why: str = "so be it") -> Any:
    """Decline, withdraw or close a grant."""
    request = getattr(pb, f"{step}GrantRequest")(
        number=grant.number, revision=grant.revision, why=why
    )
    answer = await getattr(world.budgets, f"{step}Grant")(request, metadata=world.by(who))
    return answer.grant


async def awarded(world: World, hours: int = 100) -> pb.Grant:
    grant = await ask(world, gpu_seconds=hours * HOUR_S)
    return await award(world, await review(world, grant))


def told(refusal: Refusal) -> tuple[grpc.StatusCode, str]:
    return refusal.code, refusal.reason


DENIED = (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED")
MISSING = (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


async def test_a_grant_goes_from_a_request_over_a_review_to_its_award(world: World) -> None:
    asked = await ask(world)
    reviewed = await review(world, asked, hours=80)
    given = await award(world, reviewed, "daniyar")

    assert (asked.number, asked.state, asked.revision) == (1, pb.GRANT_STATE_REQUESTED, 1)
    assert (asked.organisation_id, asked.order) == ("steppe", 100)
    assert asked.start_time == stamp(NOON)
    assert given.state == pb.GRANT_STATE_AWARDED
    assert [(step.by, step.gpu_seconds // HOUR_S) for step in given.steps] == [
        ("aigerim", 100),
        ("saule", 80),
        ("daniyar", 80),
    ]
    assert given.balance.left_gpu_seconds == given.balance.granted_gpu_seconds == 80 * HOUR_S


async def test_less_may_be_awarded_than_asked_for_and_never_more(world: World) -> None:
    reviewed = await review(world, await ask(world))

    refusal = await refused(award(world, reviewed, hours=101))
    given = await award(world, reviewed, hours=10)

    assert refusal.reason == "INVALID_REQUEST"
    assert refusal.places == ("gpu_seconds",)
    assert "at most" in refusal.violations[0].message
    assert given.balance.granted_gpu_seconds == 10 * HOUR_S


async def test_everybody_sees_what_funds_have_left(world: World) -> None:
    await awarded(world)

    answer = await world.budgets.ListFunds(pb.ListFundsRequest(), metadata=world.by("bolat"))

    (fund,) = answer.funds
    assert (fund.fund_id, fund.title) == ("ai-fund", "AI Fund")
    assert fund.awarded_gpu_seconds == 100 * HOUR_S
    assert fund.left_gpu_seconds == 900 * HOUR_S


async def test_an_award_is_not_larger_than_its_fund(world: World) -> None:
    reviewed = await review(world, await ask(world, gpu_seconds=1001 * HOUR_S))

    refusal = await refused(award(world, reviewed))

    assert told(refusal) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "FUND_EXCEEDED")
    assert "award less" in refusal.metadata["mend"]


@pytest.mark.parametrize("who", ["aigerim", "alua"])
async def test_only_cluster_admins_create_funds_and_decide(world: World, who: str) -> None:
    grant, by = await ask(world), world.by(who)
    fund = pb.CreateFundRequest(fund=pb.Fund(fund_id="mine", gpu_seconds=1))
    reviewed = await refused(review(world, grant, who))
    refusals = [
        await refused(world.budgets.CreateFund(fund, metadata=by)),
        reviewed,
        await refused(award(world, grant, who)),
        await refused(end(world, "Decline", grant, who)),
        await refused(end(world, "Close", grant, who)),
    ]

    assert {told(refusal) for refusal in refusals} == {DENIED}
    assert "decide about grants" in reviewed.message


async def test_grants_of_others_are_not_found(world: World) -> None:
    grant = await awarded(world)
    by = world.by("dana")
    entries = pb.ListBudgetEntriesRequest(organisation_id="steppe", project_id="vision")
    refusals = [
        await refused(world.budgets.GetGrant(pb.GetGrantRequest(number=1), metadata=by)),
        await refused(
            world.budgets.ListGrants(pb.ListGrantsRequest(organisation_id="steppe"), metadata=by)
        ),
        await refused(world.budgets.ListBudgetEntries(entries, metadata=by)),
        await refused(review(world, grant, "dana")),
        await refused(end(world, "Withdraw", grant, "dana")),
        await refused(ask(world, "dana", organisation_id="steppe")),
    ]

    assert {told(refusal) for refusal in refusals} == {MISSING}
    listed = await world.budgets.ListGrants(pb.ListGrantsRequest(), metadata=by)
    assert not listed.grants


@pytest.mark.parametrize("who", ["arman", "alua", "saule"])
async def test_members_of_the_organisation_and_cluster_admins_see_grants(
    world: World, who: str
) -> None:
    grant = await awarded(world)
    by = world.by(who)
    entries = pb.ListBudgetEntriesRequest(organisation_id="steppe", project_id="vision")

    shown = await world.budgets.GetGrant(pb.GetGrantRequest(number=1), metadata=by)
    listed = await world.budgets.ListGrants(pb.ListGrantsRequest(), metadata=by)
    ledger = await world.budgets.ListBudgetEntries(entries, metadata=by)

    assert shown.grant == grant
    assert list(listed.grants) == [grant]
    assert [(one.kind, one.amount_gpu_seconds) for one in ledger.entries] == [
        (pb.ENTRY_KIND_AWARD, 100 * HOUR_S)
    ]


async def test_a_cluster_admin_who_asked_does_not_decide_himself(world: World) -> None:
    grant = await ask(world, "saule", organisation_id="steppe")
    reviewed = await review(world, grant, "daniyar")
    refusals = [
        await refused(review(world, reviewed, "saule")),
        await refused(award(world, reviewed, "saule")),
        await refused(end(world, "Decline", reviewed, "saule")),
    ]

    assert {told(refusal) for refusal in refusals} == {
        (grpc.StatusCode.PERMISSION_DENIED, "OWN_GRANT")
    }
    assert (await award(world, reviewed, "daniyar")).state == pb.GRANT_STATE_AWARDED


async def test_who_asked_withdraws_and_nobody_else(world: World) -> None:
    grant = await ask(world)
    refusals = [
        await refused(end(world, "Withdraw", grant, who)) for who in ("arman", "alua", "saule")
    ]

    gone = await end(world, "Withdraw", grant, "aigerim")

    assert {told(refusal) for refusal in refusals} == {DENIED}
    assert gone.state == pb.GRANT_STATE_WITHDRAWN
    assert gone.steps[-1].why == "so be it"


async def test_a_cluster_admin_withdraws_what_he_asked_for_another_organisation(
    world: World,
) -> None:
    grant = await ask(world, "saule", organisation_id="steppe")

    assert (await end(world, "Withdraw", grant, "saule")).state == pb.GRANT_STATE_WITHDRAWN


async def test_a_grant_needs_a_review_before_its_award(world: World) -> None:
    refusal = await refused(award(world, await ask(world)))

    assert told(refusal) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_A_STEP_OF_GRANT")
    assert "tendik grant show" in refusal.metadata["mend"]


async def test_nobody_decides_what_he_has_not_read(world: World) -> None:
    grant = await ask(world)
    await review(world, grant, hours=1)

    refusal = await refused(award(world, grant, "daniyar"))

    assert told(refusal) == (grpc.StatusCode.ABORTED, "STALE_VERSION")


async def test_a_declined_request_is_over(world: World) -> None:
    declined = await end(world, "Decline", await ask(world), "saule")

    refusal = await refused(review(world, declined))

    assert declined.state == pb.GRANT_STATE_DECLINED
    assert refusal.reason == "NOT_A_STEP_OF_GRANT"


async def test_what_a_closed_grant_has_left_is_its_funds(world: World) -> None:
    closed = await end(world, "Close", await awarded(world), "daniyar")
    funds = await world.budgets.ListFunds(pb.ListFundsRequest(), metadata=world.by("saule"))

    assert closed.state == pb.GRANT_STATE_CLOSED
    assert closed.balance.lapsed_gpu_seconds == 100 * HOUR_S
    assert funds.funds[0].left_gpu_seconds == 1000 * HOUR_S


WRONG = {
    "no hours": ({"gpu_seconds": 0}, "gpu_seconds"),
    "hours below nothing": ({"gpu_seconds": -HOUR_S}, "gpu_seconds"),
    "more hours than there are": ({"gpu_seconds": 2**60}, "gpu_seconds"),
    "no end": ({"expire_time": Timestamp()}, "expire_time"),
    "an end that has passed": (
        {"start_time": stamp(NOON - DAY), "expire_time": stamp(NOON)},
        "expire_time",
    ),
    "an end before the start": (
        {"start_time": stamp(NOON + 2 * DAY), "expire_time": stamp(NOON + DAY)},
        "expire_time",
    ),
    "a start of long ago": ({"start_time": stamp(NOON - 2 * DAY)}, "start_time"),
    "a time of no calendar": ({"expire_time": Timestamp(seconds=2**62)}, "expire_time"),
    "an order below all": ({"order": -1}, "order"),
    "an order above all": ({"order": 1001}, "order"),
    "no reason": ({"why": " "}, "why"),
    "a long reason": ({"why": "x" * 1001}, "why"),
}


@pytest.mark.parametrize(("changes", "place"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_request_is_told_what_to_mend(
    world: World, changes: dict[str, Any], place: str
) -> None:
    refusal = await refused(ask(world, **changes))

    assert told(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    assert place in refusal.places


@pytest.mark.parametrize(("field", "kind"), [("fund_id", "fund"), ("project_id", "project")])
async def test_an_unknown_fund_or_project_is_named(world: World, field: str, kind: str) -> None:
    refusal = await refused(ask(world, **{field: "nowhere"}))

    assert told(refusal) == MISSING
    assert refusal.resource == (kind, "nowhere")


WRONG_FUNDS = {
    "no id": ({"fund_id": ""}, "fund.fund_id"),
    "capitals": ({"fund_id": "AI"}, "fund.fund_id"),
    "two lines": ({"title": "a\nb"}, "fund.title"),
    "nothing in it": ({"gpu_seconds": 0}, "fund.gpu_seconds"),
    "more than all goes on": ({"carry_over_percent": 101}, "fund.carry_over_percent"),
}


@pytest.mark.parametrize(("changes", "place"), WRONG_FUNDS.values(), ids=WRONG_FUNDS.keys())
async def test_a_wrong_fund_is_told_what_to_mend(
    world: World, changes: dict[str, Any], place: str
) -> None:
    wanted = pb.CreateFundRequest(fund=pb.Fund(**{**FUND, "fund_id": "other", **changes}))

    refusal = await refused(world.budgets.CreateFund(wanted, metadata=world.by("saule")))

    assert (refusal.reason, refusal.places) == ("INVALID_REQUEST", (place,))


async def test_a_fund_is_made_once(world: World) -> None:
    again = pb.CreateFundRequest(fund=pb.Fund(**FUND))

    refusal = await refused(world.budgets.CreateFund(again, metadata=world.by("saule")))

    assert told(refusal) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")


async def test_decisions_need_words(world: World) -> None:
    grant = await ask(world)
    wordless = pb.ReviewGrantRequest(number=1, revision=1)

    reviewed = await refused(world.budgets.ReviewGrant(wordless, metadata=world.by("saule")))
    declined = await refused(end(world, "Decline", grant, "saule", why=""))

    assert (reviewed.places, declined.places) == (("comment",), ("why",))


async def test_grants_of_a_project_that_is_not_there_are_not_none(world: World) -> None:
    request = pb.ListGrantsRequest(project_id="nowhere")

    refusal = await refused(world.budgets.ListGrants(request, metadata=world.by("aigerim")))

    assert told(refusal) == MISSING


async def test_the_ledger_comes_in_pages(world: World) -> None:
    await awarded(world)
    tenant = a_tenant("steppe", project="vision", user="aigerim")
    held = a_new(tenant=tenant, indices=(0, 1, 2), submitted_at=NOON + DAY)
    world.store.add_jobs([replace(held, price=Price(HOUR_S, must=True))])

    read, after = list[int](), 0
    while True:
        page = await entries(world, after_entry_id=after, page_size=2)
        read += [one.amount_gpu_seconds // HOUR_S for one in page.entries]
        after = page.next_after_entry_id
        if not after:
            break

    assert read == [100, 1, 1, 1]
    later = await entries(world, since_time=stamp(NOON + DAY))
    before = await entries(world, until_time=stamp(NOON + DAY))
    assert [one.job_id for one in later.entries] == [1, 2, 3]
    assert [one.kind for one in before.entries] == [pb.ENTRY_KIND_AWARD]


async def entries(world: World, **wanted: Any) -> pb.ListBudgetEntriesResponse:
    request = pb.ListBudgetEntriesRequest(project_id="vision", **wanted)
    return await world.budgets.ListBudgetEntries(request, metadata=world.by("aigerim"))
