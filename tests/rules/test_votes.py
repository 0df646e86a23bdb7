"""Quorum and votes as the charter counts them."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.governance.state import Ballot, BodyState, Vote
from domain.governance.votes import passed, quorate, tally, tied, too_few_senders, unacknowledged
from tests.governed import PLAIN, Governed

PEOPLE = [("acme", "a1"), ("acme", "a2"), ("beta", "b1"), ("beta", "b2")]
PRESENT = tuple({"party": party, "person": person} for party, person in PEOPLE)


def governed(seats: int = 0, **jsc: Any) -> Governed:
    life = Governed(bodies={**PLAIN["bodies"], "JSC": {"tier": 1, **jsc}})
    taken = tuple({"seat": f"S{number}"} for number in range(seats))
    life.state = replace(life.state, bodies={"JSC": BodyState("JSC", seats=taken)} if seats else {})
    return life


def ballot(
    votes: str, *, present: int | None = 4, weights: tuple[int, ...] = (1, 1, 1, 1), body: str = "JSC"
) -> Ballot:
    """Cast one letter per person: y, n, a (abstains), or - for none."""
    sides = {"y": "yes", "n": "no", "a": "abstain"}
    cast = tuple(
        Vote(party, person, sides[letter], "e", weight)
        for (party, person), letter, weight in zip(PEOPLE, votes, weights, strict=False)
        if letter != "-"
    )
    there = None if present is None else PRESENT[:present]
    return Ballot(body, "M", "e", date(2024, 1, 2), present=there, votes=cast)


@pytest.mark.parametrize(
    ("quorum", "present", "expected"),
    [
        (None, 0, True),
        ({"total": 3}, 2, False),
        ({"total": 3}, 3, True),
        ({"per_party": 1}, 2, False),
        ({"per_party": 1}, 3, True),
        ({"per_party": {"acme": 2, "beta": 1}}, 2, False),
        ({"per_party": {"acme": 2, "beta": 1}}, 3, True),
        ({"per_party": {"acme": 1, "beta": 2}}, 3, False),
        ({"of_seats": "majority"}, 3, False),
        ({"of_seats": "majority"}, 4, True),
        ({"of_seats": "all"}, 4, False),
        ({"total": 3, "per_party": 2}, 3, False),
    ],
)
def test_a_quorum_is_a_total_a_number_per_party_or_a_share_of_the_seats(
    quorum: dict[str, Any] | None,
    present: int,
    expected: bool,  # noqa: FBT001
) -> None:
    life = governed(seats=6, quorum=quorum)
    assert quorate(life.state, life.rules, "JSC", PRESENT[:present]) is expected


def test_all_seats_of_a_body_may_have_to_be_there() -> None:
    life = governed(seats=4, quorum={"of_seats": "all"})
    assert [quorate(life.state, life.rules, "JSC", PRESENT[:n]) for n in (3, 4)] == [False, True]


def test_nobody_knows_a_quorum_where_nobody_told_who_was_there() -> None:
    life = governed(quorum={"total": 1})
    assert quorate(life.state, life.rules, "JSC", None) is None
    assert quorate(life.state, life.rules, "Unwritten", ()) is True


@pytest.mark.parametrize(
    ("proxies", "granted", "expected"),
    [
        ("any", None, True), ("any", False, True), ("none", True, False),
        ("written", True, True), ("written", False, False), ("written", None, True),
    ],
)  # fmt: skip
def test_a_proxy_counts_as_the_body_says(proxies: str, granted: bool | None, expected: bool) -> None:  # noqa: FBT001
    life = governed(quorum={"total": 1}, proxies=proxies)
    if granted is not None:
        life.tell("2024-01-02", "ProxyGranted", body="JSC", from_="b1", written=granted)
    there = ({"party": "beta", "person": "b1", "proxy": "a1"},)
    assert quorate(life.state, life.rules, "JSC", there) is expected


@pytest.mark.parametrize(
    ("votes", "cast", "expected"),
    [
        ("per_party", "yyyy", {"yes": 2, "no": 0, "abstain": 0}),
        ("per_party", "ynyy", {"yes": 1, "no": 1, "abstain": 0}),
        ("per_party", "aayy", {"yes": 1, "no": 0, "abstain": 1}),
        ("per_member", "ynya", {"yes": 2, "no": 1, "abstain": 1}),
        ("weighted", "yynn", {"yes": 70, "no": 30, "abstain": 0}),
    ],
)
def test_votes_are_counted_per_party_per_member_or_by_weight(votes: str, cast: str, expected: dict[str, int]) -> None:
    weights = {"acme": 70, "beta": 30} if votes == "weighted" else {}
    life = governed(votes=votes, weights=weights)
    assert tally(life.rules, ballot(cast)) == expected


def test_a_weight_that_the_charter_does_not_give_is_the_one_told() -> None:
    life = governed(votes="weighted")
    assert tally(life.rules, ballot("y-n-", weights=(3, 1, 5, 5))) == {"yes": 3, "no": 5, "abstain": 0}


def test_only_the_last_vote_of_a_person_counts() -> None:
    cast = ballot("ynyy")
    changed = replace(cast, votes=(*cast.votes, Vote("acme", "a2", "yes", "later")))
    assert tally(governed().rules, changed) == {"yes": 2, "no": 0, "abstain": 0}


def test_votes_in_a_body_that_the_charter_does_not_know_are_counted_per_party() -> None:
    assert tally(governed().rules, ballot("yyn-", body="Club")) == {"yes": 1, "no": 1, "abstain": 0}


@pytest.mark.parametrize(
    ("passes", "cast", "expected"),
    [
        ("unanimous", "y-y-", True),
        ("unanimous", "y-n-", False),
        ("unanimous", "y---", False),
        ("unanimous", "a-a-", False),
        ("unanimous", "y-a-", True),
        ("majority", "y-n-", False),
        ("majority", "y-a-", True),
        ({"of": "parties", "at_least": 2}, "y-a-", False),
        ({"of": "parties", "at_least": 2}, "yyyy", True),
        ({"of": "parties", "more_than_percent": 50}, "y-a-", False),
        ({"of": "parties", "more_than_percent": 49}, "y-a-", True),
        ({"of": "votes_cast", "at_least": 2}, "y-y-", True),
        ({"of": "votes_cast", "at_least": 2}, "y-n-", False),
    ],
)
def test_a_body_of_parties_decides_by_the_majority_it_asks_for(passes: Any, cast: str, expected: bool) -> None:  # noqa: FBT001
    life = governed(passes=[passes])
    assert passed(life.state, life.rules, ballot(cast)) is expected


@pytest.mark.parametrize(
    ("passes", "cast", "expected"),
    [
        ("unanimous", "yyy-", True),
        ("unanimous", "yyyn", False),
        ({"of": "present", "more_than_percent": 50}, "yyna", False),
        ({"of": "present", "more_than_percent": 50}, "yyya", True),
        ({"of": "seats", "more_than_percent": 50}, "yyy-", False),
        ({"of": "seats", "more_than_percent": 50}, "yyyy", True),
        ({"of": "votes_cast", "more_than_percent": 60}, "yyn-", True),
        ({"of": "votes_cast", "more_than_percent": 75}, "yyyn", False),
    ],
)
def test_a_body_of_members_decides_by_the_majority_it_asks_for(passes: Any, cast: str, expected: bool) -> None:  # noqa: FBT001
    life = governed(seats=6, votes="per_member", passes=[passes])
    assert passed(life.state, life.rules, ballot(cast)) is expected


@pytest.mark.parametrize(
    ("weights", "cast", "told", "expected"),
    [
        ({"acme": 70, "beta": 30}, "y-n-", (1, 1, 1, 1), True),
        ({"acme": 60, "beta": 40}, "y-n-", (1, 1, 1, 1), False),
        ({"acme": 70, "beta": 30}, "y---", (1, 1, 1, 1), True),
        ({}, "y-n-", (3, 1, 1, 1), True),
        ({}, "y-n-", (1, 1, 1, 1), False),
    ],
)
def test_a_weighted_majority_is_of_all_weights_or_of_those_told(
    weights: dict[str, int],
    cast: str,
    told: tuple[int, ...],
    expected: bool,  # noqa: FBT001
) -> None:
    life = governed(votes="weighted", weights=weights, passes=[{"of": "weight", "more_than_percent": 60}])
    assert passed(life.state, life.rules, ballot(cast, weights=told)) is expected


def test_several_majorities_must_all_be_met() -> None:
    life = governed(votes="per_member", passes=[{"at_least": 2}, {"of": "parties", "at_least": 2}])
    assert [passed(life.state, life.rules, ballot(cast)) for cast in ("yy--", "y-y-", "y---")] == [False, True, False]


@pytest.mark.parametrize(
    ("votes", "cast", "present", "expected"),
    [
        ("per_party", "yynn", 4, True),
        ("per_party", "y-n-", 4, True),
        ("per_party", "yyyy", 4, False),
        ("per_party", "aaaa", 4, False),
        ("per_party", "y-n-", None, False),
        ("per_member", "yynn", 4, True),
        ("per_member", "y-n-", 4, False),
        ("per_member", "yna-", 3, False),
        ("per_member", "y-n-", None, False),
    ],
)
def test_sides_are_tied_where_everybody_present_has_voted_and_they_are_equal(
    votes: str,
    cast: str,
    present: int | None,
    expected: bool,  # noqa: FBT001
) -> None:
    assert tied(governed(votes=votes).rules, ballot(cast, present=present)) is expected


@pytest.mark.parametrize(
    ("email", "by_email", "acknowledged", "missing"),
    [
        ({"acknowledged": True}, True, (), ("acme", "beta")),
        ({"acknowledged": True}, True, ("acme",), ("beta",)),
        ({"acknowledged": True}, False, (), ()),
        ({}, True, (), ()),
        (None, True, (), ()),
    ],
)
def test_a_decision_by_email_may_have_to_be_acknowledged(
    email: dict[str, Any] | None,
    by_email: bool,  # noqa: FBT001
    acknowledged: tuple[str, ...],
    missing: tuple[str, ...],
) -> None:
    life = governed(email=email)
    cast = replace(ballot("y-y-"), meeting=None if by_email else "M", acknowledged=acknowledged)
    assert unacknowledged(life.state, life.rules, cast) == missing


@pytest.mark.parametrize(
    ("email", "by_email", "cast", "expected"),
    [
        ({"senders_per_party": 2}, True, "yyyy", False),
        ({"senders_per_party": 2}, True, "yyy-", True),
        ({"senders_per_party": 2}, False, "y---", False),
        ({}, True, "y-y-", False),
        ({}, True, "y---", True),
        (None, True, "y---", False),
    ],
)
def test_a_decision_by_email_needs_its_senders(
    email: dict[str, Any] | None,
    by_email: bool,  # noqa: FBT001
    cast: str,
    expected: bool,  # noqa: FBT001
) -> None:
    life = governed(email=email)
    found = replace(ballot(cast), meeting=None if by_email else "M")
    assert too_few_senders(life.state, life.rules, found) is expected
