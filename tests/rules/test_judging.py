"""What a message breaks, and what it does not: each fault by its words and its clause."""

from typing import Any

import pytest

from domain.governance.judging import not_permitted
from tests.governed import JSC_TO_OFFICERS, OFFICERS_TO_COURT, PLAIN, Governed


@pytest.mark.parametrize(
    "event", ["DecisionMade", "DecisionEscalated", "EscalationDeclined", "VoteCast", "DeadlineExtended"]
)
def test_nothing_is_found_about_a_decision_that_nobody_raised(event: str) -> None:
    assert Governed().broken("2024-01-03", event, decision="never", by="acme", to="2024-05-01") == []


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("MinutesDrafted", {"meeting": "never"}),
        ("ObligationMet", {"obligation": "never"}),
        ("ClockPaused", {"obligation": "never", "cause": "war"}),
        ("BodyDisbanded", {"body": "JSC"}),
        ("BodyDisbanded", {"body": "JSC", "by": "acme"}),
        ("BodyDisbanded", {"body": "never", "by": "acme"}),
        ("DecisionMade", {"decision": "D", "outcome": "approve", "method": "deemed"}),
        ("EscalationDeclined", {"decision": "D"}),
        ("ObservationReported", {}),
    ],
)
def test_where_the_charter_has_no_rule_nothing_is_broken(event: str, fields: dict[str, Any]) -> None:
    assert Governed().raise_().broken("2024-01-03", event, **fields) == []


def test_a_decision_by_a_body_that_does_not_hold_it_breaks_the_clause_of_its_matter_or_of_the_body() -> None:
    wish = {"decision": "D", "by": "Officers", "outcome": "approve", "method": "consensus"}
    assert Governed().raise_().broken("2024-01-03", "DecisionMade", **wish) == [
        ("Officers may not decide it here", "6")
    ]
    unwritten = Governed(matters={"default": {"final_say": "acme"}}).raise_()
    assert unwritten.broken("2024-01-03", "DecisionMade", **wish) == [("Officers may not decide it here", "2")]
    wish["by"] = "acme"
    assert unwritten.broken("2024-01-03", "DecisionMade", **wish) == [("acme may not decide it here", None)]


def test_a_matter_that_no_charter_knows_breaks_it_only_where_there_is_no_default() -> None:
    wish = {"decision": "D", "body": "JSC", "matter": "pricing"}
    assert Governed().broken("2024-01-03", "DecisionRaised", **wish) == []
    life = Governed(matters={"plans": {"final_say": "acme", "also": ["budgets"]}})
    assert life.broken("2024-01-03", "DecisionRaised", **wish) == [("the charter knows no matter pricing", None)]
    assert life.broken("2024-01-03", "DecisionRaised", **wish | {"matter": "budgets"}) == []


@pytest.mark.parametrize(
    ("matter", "says"), [("default", "default starts at JSC"), (None, "it starts at JSC")], ids=["named", "unnamed"]
)
def test_a_decision_starts_at_the_bodies_of_its_matter(matter: str | None, says: str) -> None:
    wish = {"decision": "D", "body": "Officers", "matter": matter}
    assert Governed().broken("2024-01-03", "DecisionRaised", **wish) == [(says, "6")]
    assert Governed().broken("2024-01-03", "DecisionRaised", **wish | {"body": "JSC"}) == []


def test_what_was_decided_goes_up_no_more_and_is_decided_no_more() -> None:
    life = Governed().raise_()
    life.tell("2024-01-03", "DecisionMade", decision="D", body="JSC", outcome="approve", method="vote")
    up = life.broken("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme")
    again = life.broken("2024-01-20", "DecisionMade", decision="D", by="JSC", outcome="reject", method="vote")
    assert (up, again) == ([("it has been decided already", "3")], [("it has been decided already", "6")])


@pytest.mark.parametrize(
    ("by", "expected"),
    [("acme", [("the gate decides whether it goes up", "3")]), ("beta", []), (None, [])],
)
def test_only_the_gate_takes_a_gated_step(by: str | None, expected: list[Any]) -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "mode": "gated", "by": "beta"}, OFFICERS_TO_COURT]).raise_()
    assert life.broken("2024-01-03", "DecisionEscalated", decision="D", to="Officers", by=by) == expected


def test_a_gate_that_nobody_names_is_the_body_itself() -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "mode": "gated"}, OFFICERS_TO_COURT]).raise_()
    assert life.broken("2024-01-03", "DecisionEscalated", decision="D", to="Officers", by="JSC") == []
    assert {("JSC", "escalate"), ("JSC", "decline")} <= life.may("2024-01-03")
    assert life.broken("2024-01-03", "EscalationDeclined", decision="D", by="acme") == [("acme is not the gate", "3")]
    assert life.broken("2024-01-03", "EscalationDeclined", decision="D", by="JSC") == []


@pytest.mark.parametrize(
    ("day", "by", "expected"),
    [
        ("2024-01-20", "acme", [("it may be taken up by beta", "3")]),
        ("2024-01-20", "beta", []),
        ("2024-01-20", "JSC", []),
        ("2024-01-20", None, []),
        ("2024-01-16", "beta", [("its time has not come", "3")]),
        ("2024-01-17", "beta", []),
    ],
)
def test_a_step_is_taken_by_whom_the_charter_names_once_its_limit_has_passed(
    day: str, by: str | None, expected: list[Any]
) -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "by": "beta"}, OFFICERS_TO_COURT]).raise_()
    assert life.broken(day, "DecisionEscalated", decision="D", to="Officers", by=by) == expected


def test_whoever_may_step_early_need_not_wait() -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "early_by": "beta"}, OFFICERS_TO_COURT]).raise_()
    wish = {"decision": "D", "to": "Officers"}
    assert life.broken("2024-01-03", "DecisionEscalated", **wish, by="beta") == []
    assert life.broken("2024-01-03", "DecisionEscalated", **wish, by="acme") == [("its time has not come", "3")]


def test_a_step_that_happens_by_itself_is_not_taken_by_anybody() -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "mode": "automatic"}, OFFICERS_TO_COURT]).raise_()
    wish = {"decision": "D", "to": "Officers", "by": "acme"}
    assert life.broken("2024-01-03", "DecisionEscalated", **wish) == [
        ("the step happens by itself after its limit", "3")
    ]
    unknown = Governed(ladder=[{**JSC_TO_OFFICERS, "mode": "automatic", "limit": "redacted"}]).raise_()
    assert unknown.broken("2024-01-03", "DecisionEscalated", **wish) == [
        ("the step happens by itself: report it when it has", "3")
    ]


def test_no_step_leads_where_the_ladder_does_not() -> None:
    says = [("no step leads from JSC to court", "3")]
    assert Governed().raise_().broken("2024-01-20", "DecisionEscalated", decision="D", to="court", by="acme") == says
    bare = Governed(ladder=[]).raise_()
    assert bare.broken("2024-01-20", "DecisionEscalated", decision="D", by="acme") == [
        ("no step leads from JSC to None", "6")
    ]


@pytest.mark.parametrize(
    "matter", [{"kind": "discuss", "clause": "6"}, {"escalates": False, "clause": "6"}], ids=["discuss", "stays"]
)
def test_what_may_only_be_discussed_goes_nowhere(matter: dict[str, Any]) -> None:
    life = Governed(matters={"default": matter}).raise_()
    assert life.broken("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme") == [
        ("it may be discussed, not escalated", "6")
    ]
    assert {act for _, act in life.may("2024-01-20")} == {"decide"}


SEATS = [{"bodies": ["Officers"], "excluded_from": ["JSC"], "clause": "2.4"}]
LOWER = ("a person who sits in JSC may not decide what came from there", "2.4")


@pytest.mark.parametrize(
    ("person", "decision", "expected"),
    [("ann", "D", [LOWER]), ("bob", "D", []), ("ann", None, []), ("ann", "E", [])],
    ids=["from below", "from elsewhere", "in general", "never there"],
)
def test_nobody_sits_in_judgment_on_what_they_sent_up(person: str, decision: str | None, expected: list[Any]) -> None:
    life = Governed(seats=SEATS).raise_().raise_(decision="E", body="Officers")
    life.tell("2024-01-02", "SeatFilled", seat="J", body="JSC", party="acme", person="ann")
    wish = {"seat": "O", "body": "Officers", "party": "acme", "person": person, "decision": decision}
    assert life.broken("2024-01-03", "SeatFilled", **wish) == expected


@pytest.mark.parametrize(("seniority", "found"), [(1, True), (2, False), (3, False), (None, False)])
def test_a_seat_goes_to_nobody_less_senior(seniority: int | None, found: bool) -> None:  # noqa: FBT001
    life = Governed(seats=[{"bodies": ["Officers"], "seniority": {}, "clause": "2.5"}])
    wish = {"seat": "O", "body": "Officers", "party": "acme"}
    assert life.broken("2024-01-02", "SeatFilled", **wish, person="ann", seniority=0) == []
    life.tell("2024-01-02", "SeatFilled", **wish, person="ann", seniority=2)
    says = [("a seat may not go to somebody less senior", "2.5")] if found else []
    assert life.broken("2024-01-03", "SeatFilled", **wish, person="bob", seniority=seniority) == says


def test_minutes_are_late_by_the_deadline_that_they_meet() -> None:
    deadlines = [
        {"id": "draft", "length": "5 calendar_days", "clock_starts": "meeting_held", "clause": "9.1",
         "stops": [{"event": "MinutesDrafted"}]},
        {"id": "final", "length": "10 calendar_days", "clock_starts": "meeting_held"},
    ]  # fmt: skip
    life = Governed(minutes=[{"bodies": ["JSC"], "deadlines": deadlines, "clause": "9"}])
    life.tell("2024-01-02", "MeetingHeld", body="JSC", meeting="M", considered=[])
    assert life.broken("2024-01-07", "MinutesDrafted", meeting="M") == []
    assert life.broken("2024-01-08", "MinutesDrafted", meeting="M") == [("draft was due on 2024-01-07", "9.1")]
    assert life.broken("2024-01-13", "MinutesApproved", meeting="M", party="acme") == []
    assert life.broken("2024-01-13", "MinutesFinalized", meeting="M") == [("final was due on 2024-01-12", "9")]
    assert life.broken("2024-01-12", "MinutesFinalized", meeting="M") == []


@pytest.mark.parametrize(("by", "found"), [("acme", False), ("beta", True), (["acme", "beta"], False)])
def test_a_body_is_ended_by_whom_the_charter_lets(by: Any, found: bool) -> None:  # noqa: FBT001
    bodies = {**PLAIN["bodies"], "JSC": {"tier": 1, "ends": {"by": ["acme"], "clause": "1.8"}}}
    says = [("it may not be ended so", "1.8")] if found else []
    assert Governed(bodies=bodies).broken("2024-01-03", "BodyDisbanded", body="JSC", by=by) == says


def test_an_act_without_an_event_of_its_own_needs_a_right() -> None:
    life = Governed(rights=[{"who": "beta", "act": "hold"}]).raise_()

    def refused(act: str, **fields: Any) -> list[tuple[str, str | None]]:
        told = life.told("2024-01-03", "Asked", **fields)
        return [(one.says, one.clause) for one in not_permitted(life.state, told, act)]

    assert refused("hold", decision="D", by="acme") == [("acme may not hold now", "6")]
    assert refused("hold", decision="D", by=["acme", "beta"]) == [("acme, beta may not hold now", "6")]
    assert refused("hold", decision="D", by="beta") == []
    assert refused("hold", decision="D", party="beta") == []
    assert refused("dance", decision="D", by="acme") == []
    assert refused("hold", decision="D") == []
    assert refused("hold", decision="never", by="acme") == []
    assert refused("hold", by="acme") == []


def test_an_act_about_an_obligation_breaks_the_clause_of_its_clock() -> None:
    rule = {"id": "pay", "length": "30 calendar_days", "clock_starts": "occurrence", "clause": "9"}
    life = Governed(obligations=[rule]).tell("2024-01-02", "ObligationStarted", obligation="pay", owed_by="acme")
    told = life.told("2024-01-03", "Asked", obligation="pay", by="beta")
    assert [(one.says, one.clause) for one in not_permitted(life.state, told, "pay")] == [("beta may not pay now", "9")]


def test_an_obligation_met_late_breaks_its_clause_unless_it_was_never_owed() -> None:
    rule = {"id": "pay", "length": "30 calendar_days", "clock_starts": "occurrence", "clause": "9"}
    life = Governed(obligations=[rule]).tell("2024-01-02", "ObligationStarted", obligation="pay", owed_by="acme")
    assert life.broken("2024-02-01", "ObligationMet", obligation="pay") == []
    assert life.broken("2024-02-02", "ObligationMet", obligation="pay") == [("it was due on 2024-02-01", "9")]
    assert life.broken("2024-02-02", "ObligationMet", obligation="pay", finding_for="acme") == []


@pytest.mark.parametrize(("forbids", "found"), [("vote", True), ("decision", False)])
def test_a_vote_without_a_quorum_is_void_only_where_the_charter_says_so(forbids: str, found: bool) -> None:  # noqa: FBT001
    body = {"tier": 1, "quorum": {"total": 3, "forbids": forbids, "clause": "1.2"}, "clause": "1"}
    life = Governed(bodies={**PLAIN["bodies"], "JSC": body}).raise_()
    wish = {"decision": "D", "party": "acme", "person": "p", "vote": "yes"}
    assert life.broken("2024-01-03", "VoteCast", **wish) == []
    life.tell("2024-01-04", "MeetingHeld", body="JSC", present=[], considered=[{"decision": "D", "result": "vote"}])
    assert life.broken("2024-01-04", "VoteCast", **wish) == ([("no vote without a quorum", "1.2")] if found else [])
    made = {"decision": "D", "body": "JSC", "outcome": "approve", "method": "vote"}
    assert life.broken("2024-01-04", "DecisionMade", **made) == [("the meeting had no quorum", "1.2")]


def test_nothing_is_extended_beyond_a_cap() -> None:
    cap = {"id": "outer", "kind": "cap", "length": "60 calendar_days", "clock_starts": "raised", "clause": "4.3"}
    life = Governed(deadlines=[cap]).raise_()
    assert life.broken("2024-01-03", "DeadlineExtended", decision="D", to="2024-03-02") == []
    assert life.broken("2024-01-03", "DeadlineExtended", decision="D", to="2024-03-03") == [
        ("no extension beyond 2024-03-02", "4.3")
    ]
