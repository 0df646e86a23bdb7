"""Who may do what: the words by which a charter means somebody, approvals that are owed, windows, and assignments."""

from typing import Any

import pytest

from domain.governance.authority import May, may, persons
from tests.governed import JSC_TO_OFFICERS, OFFICERS_TO_COURT, PLAIN, Governed


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("mover", {("acme", "proceed")}),
        ("other_party", {("beta", "proceed")}),
        ("proposer", {("beta", "proceed")}),
        ("any_party", {("acme", "proceed"), ("beta", "proceed")}),
        ("all_parties", {("acme", "proceed"), ("beta", "proceed")}),
        ("either_party", {("acme", "proceed"), ("beta", "proceed")}),
        ("Officers", {("Officers", "proceed")}),
        ("owed_by", set()),
        ("party", set()),
    ],
)
def test_a_right_belongs_to_whom_its_word_means(who: str, expected: set[tuple[str, str]]) -> None:
    life = Governed(rights=[{"who": who, "act": "proceed", "at": "Officers"}]).raise_(by="beta")
    life.tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme")
    assert {one for one in life.may("2024-01-20") if one[1] == "proceed"} == expected


def test_a_proposer_that_nobody_named_is_nobody() -> None:
    life = Governed(rights=[{"who": "proposer", "act": "hold"}]).raise_()
    assert ("acme", "hold") not in life.may("2024-01-02")
    assert {act for _, act in life.may("2024-01-02")} == {"decide"}


def test_sender_and_recipient_are_those_of_the_notice() -> None:
    rights = [{"who": "recipient", "act": "object"}, {"who": "sender", "act": "notify"}]
    notice = {"length": "5 business_days", "rights": rights}
    life = Governed(bodies={**PLAIN["bodies"], "JSC": {"tier": 1, "meeting_notice": notice}})
    life.tell("2024-01-02", "MeetingConvened", body="JSC", meeting="M", notice="N", by="acme", to=["beta"])
    assert life.may("2024-01-02", notice="N") == {("beta", "object"), ("acme", "notify")}
    assert life.may("2024-01-10", notice="N") == set()


def test_a_word_for_somebody_about_an_item_means_only_itself_where_there_is_no_item() -> None:
    life = Governed()
    assert persons(life.state, life.rules, None, ("proposer", "sender", "mover", "other_party", "owed_to")) == (
        "proposer",
        "sender",
        "mover",
        "other_party",
        "owed_to",
    )


def test_what_is_owed_to_nobody_by_name_is_owed_to_the_other_parties() -> None:
    rule = {"id": "report", "length": "30 calendar_days", "clock_starts": "occurrence"}
    life = Governed(obligations=[{**rule, "rights": [{"who": "owed_to", "act": "object"}]}])
    life.tell("2024-01-02", "ObligationStarted", obligation="report", owed_by="acme")
    assert life.may("2024-01-02", obligation="report") == {("beta", "object")}


def test_an_approval_that_a_matter_needs_is_owed_until_it_is_given() -> None:
    matters = {"default": {"start_bodies": ["JSC"], "needs_approval_of": ["beta"], "final_say": "acme", "clause": "6"}}
    life = Governed(matters=matters).raise_()
    assert life.may("2024-01-02") == {("JSC", "decide"), ("beta", "approve")}
    life.tell("2024-01-03", "ApprovalGiven", decision="D", party="beta")
    assert life.may("2024-01-03") == {("JSC", "decide")}


def test_a_step_may_be_taken_only_while_its_window_is_open() -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "window": "5 calendar_days"}, OFFICERS_TO_COURT]).raise_()
    up = {("acme", "escalate"), ("beta", "escalate")}
    assert life.asks("2024-01-16")["due"].isoformat() == "2024-01-16"
    assert {day: up <= life.may(f"2024-01-{day}") for day in ("16", "17", "21", "22")} == {
        "16": False,
        "17": True,
        "21": True,
        "22": False,
    }


def test_nobody_in_particular_may_where_anybody_may() -> None:
    found = [May("acme", "decide", "6")]
    assert may(found, None, "decide") == found[0]
    assert (may(found, "beta", "decide"), may(found, "acme", "escalate")) == (None, None)


ASSIGNED = {"kind": "assignment", "old": "acme", "new": "gamma"}


@pytest.mark.parametrize(
    ("kept", "who"), [((), ["gamma"]), (("lead",), ["acme"]), (("pricing",), ["gamma"])], ids=["none", "this", "other"]
)
def test_a_final_say_goes_to_the_assignee_unless_the_old_party_kept_it(kept: tuple[str, ...], who: list[str]) -> None:
    life = Governed(matters={"default": {"final_say": {"id": "lead", "who": "acme", "clause": "6"}}}).raise_()
    life.tell("2024-01-03", "PartySucceeded", **ASSIGNED, rights_kept_by_old=kept)
    assert life.asks("2024-01-03")["final_say"]["who"] == who


def test_a_final_say_that_survives_assignment_stays_with_the_old_party() -> None:
    say = {"who": "acme", "survives": ["assignment"]}
    life = Governed(matters={"default": {"final_say": say}}).raise_().tell("2024-01-03", "PartySucceeded", **ASSIGNED)
    assert life.asks("2024-01-03")["final_say"]["who"] == ["acme"]


def test_another_party_keeps_its_rights_when_one_assigns_the_contract() -> None:
    say = {"id": "lead", "who": "beta"}
    life = Governed(matters={"default": {"final_say": say}}).raise_().tell("2024-01-03", "PartySucceeded", **ASSIGNED)
    assert life.asks("2024-01-03")["final_say"]["who"] == ["beta"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("assignment", (("gamma", "beta"), ("beta", "gamma"))), ("change_of_owner", (("acme", "beta"), ("beta", "acme")))],
)
def test_what_is_owed_by_or_to_a_party_moves_with_an_assignment_alone(kind: str, expected: Any) -> None:
    life = Governed()
    life.tell("2024-01-02", "ObligationStarted", obligation="pay", owed_by="acme", owed_to="beta")
    life.tell("2024-01-02", "ObligationStarted", obligation="ship", owed_by="beta", owed_to="acme")
    life.tell("2024-01-02", "ObligationStarted", obligation="rest", owed_by="beta", owed_to="delta")
    life.tell("2024-01-03", "PartySucceeded", **ASSIGNED | {"kind": kind})
    pay, ship, rest = (life.item("obligation", name) for name in ("pay", "ship", "rest"))
    assert ((pay.owed_by, pay.owed_to), (ship.owed_by, ship.owed_to)) == expected
    assert (rest.owed_by, rest.owed_to) == ("beta", "delta")
    assert life.asks("2024-01-03", obligation="pay")["holder"] == {"kind": "party", "id": expected[0][0]}


def test_once_a_decision_lies_outside_or_with_nobody_the_turn_is_theirs() -> None:
    matters = {"default": {"final_say": "none", "unresolved": "court", "clause": "6"}}
    life = Governed(matters=matters).raise_()
    life.tell("2024-01-03", "DecisionEscalated", decision="D", to="court", by="acme")
    assert life.asks("2024-01-03")["holder"] == {"kind": "outside", "id": "court"}
    life.tell("2024-01-04", "DecisionTransferred", decision="D", to="final_say")
    assert life.asks("2024-01-04")["holder"] == {"kind": "nobody", "id": None}


SKIPPING = {"default": {"start_bodies": ["JSC"], "skip": ["Officers"], "final_say": "none", "unresolved": "stay"}}


def test_a_step_leads_past_the_tiers_that_a_matter_skips() -> None:
    life = Governed(matters=SKIPPING).raise_()
    assert {one.to for one in life.authority("2024-01-20") if one.act == "escalate"} == {"court"}
    assert life.broken("2024-01-20", "DecisionEscalated", decision="D", to="court", by="acme") == []


@pytest.mark.parametrize("ladder", [
    [{**JSC_TO_OFFICERS, "mode": "automatic"}],
    [{**JSC_TO_OFFICERS, "mode": "automatic"}, {**OFFICERS_TO_COURT, "to": "Officers", "mode": "gated"}],
], ids=["nowhere", "round"])  # fmt: skip
def test_a_step_that_leads_only_to_skipped_tiers_leads_nowhere_by_itself(ladder: list[dict[str, Any]]) -> None:
    life = Governed(matters=SKIPPING, ladder=ladder).raise_()
    assert life.asks("2024-02-20")["tier"] == ("JSC" if len(ladder) == 1 else "Officers")
