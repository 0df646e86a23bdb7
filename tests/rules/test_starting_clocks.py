"""Which event starts which clock, on which day, and which stops it."""

from datetime import date
from typing import Any

import pytest

from tests.governed import JSC_TO_OFFICERS, OFFICERS_TO_COURT, PLAIN, Governed

RAISED = "2024-01-02"
LATER = "2024-01-08"
PRESENT = [{"party": "acme", "person": "a"}, {"party": "beta", "person": "b"}]


def timed(trigger: Any, **more: Any) -> Governed:
    deadline = {"id": "t", "at": "JSC", "length": "10 calendar_days", "clock_starts": trigger, **more}
    return Governed(deadlines=[deadline])


def started(life: Governed) -> date | None:
    return next(clock.started for clock in life.item().clocks if clock.id == "t")


@pytest.mark.parametrize("trigger", ["raised", "entered", "submitted", "occurrence", {"event": "DecisionRaised"}])
def test_some_clocks_start_when_a_decision_is_raised(trigger: Any) -> None:
    assert started(timed(trigger).raise_()) == date(2024, 1, 2)


def test_a_clock_that_an_event_starts_starts_on_the_day_the_event_names() -> None:
    trigger = {"event": "DecisionRaised", "where": {"kind": "approve"}, "day": "entered_at"}
    life = timed(trigger).raise_(kind="approve", entered_at="2023-12-30").raise_(decision="E")
    assert started(life) == date(2023, 12, 30)
    assert next(clock.started for clock in life.item(id="E").clocks if clock.id == "t") is None


@pytest.mark.parametrize(
    ("trigger", "event", "fields"),
    [
        ("notice_received", "NoticeReceived", {"notice": "N", "about": "dispute"}),
        ("first_notice", "NoticeReceived", {"notice": "N", "about": "dispute"}),
        ("dispute_arose", "NoticeReceived", {"notice": "N", "about": "dispute"}),
        ("brought_to_attention", "NoticeReceived", {"notice": "N", "about": "brought_to_attention"}),
        ("brought_to_attention", "NoticeReceived", {"notice": "N", "to": "JSC"}),
        ("first_meeting", "MeetingHeld", {"body": "JSC", "considered": [{"decision": "D", "result": "vote"}]}),
        ("meeting_held", "MeetingHeld", {"body": "JSC", "considered": [{"decision": "D", "result": "vote"}]}),
        ("meeting_held", "MeetingHeld", {"body": "JSC", "considered": [{"decision": "D", "result": "deferred"}]}),
        ("approval", "ApprovalGiven", {"party": "acme"}),
        (
            {"event": "PositionStated", "where": {"party": "beta"}},
            "PositionStated",
            {"party": "beta", "position": "no"},
        ),
    ],
)
def test_a_clock_starts_with_its_event(trigger: Any, event: str, fields: dict[str, Any]) -> None:
    life = timed(trigger).raise_()
    before = started(life)
    life.tell(LATER, event, decision="D", **fields)
    assert started(life) == date(2024, 1, 8)
    assert before is None


@pytest.mark.parametrize(
    ("trigger", "event", "fields"),
    [
        ("notice_received", "NoticeReceived", {"notice": "N", "about": "brought_to_attention"}),
        ("dispute_arose", "NoticeReceived", {"notice": "N", "about": "brought_to_attention"}),
        ("brought_to_attention", "NoticeReceived", {"notice": "N", "about": "dispute", "to": "Officers"}),
        ("first_meeting", "MeetingHeld", {"body": "Officers", "considered": [{"decision": "D", "result": "vote"}]}),
        ("first_meeting", "MeetingHeld", {"body": "JSC", "considered": [{"decision": "D", "result": "deferred"}]}),
        ("meeting_held", "MeetingHeld", {"body": "Officers", "considered": [{"decision": "D", "result": "vote"}]}),
        ("escalation", "NoticeReceived", {"notice": "N", "about": "dispute"}),
        ("panel_formed", "ApprovalGiven", {"party": "acme"}),
        ("approval", "PositionStated", {"party": "acme", "position": "no"}),
        (
            {"event": "PositionStated", "where": {"party": "beta"}},
            "PositionStated",
            {"party": "acme", "position": "no"},
        ),
        ({"event": "ApprovalGiven"}, "PositionStated", {"party": "acme", "position": "no"}),
    ],
)
def test_a_clock_does_not_start_with_an_event_that_is_not_its_own(
    trigger: Any, event: str, fields: dict[str, Any]
) -> None:
    assert started(timed(trigger).raise_().tell(LATER, event, decision="D", **fields)) is None


def test_a_clock_that_runs_is_not_started_again() -> None:
    life = timed("notice_received").raise_()
    for day in ("2024-01-05", LATER):
        life.tell(day, "NoticeReceived", decision="D", notice=day, about="dispute")
    assert started(life) == date(2024, 1, 5)


def test_a_dispute_arises_when_two_parties_have_stated_two_positions() -> None:
    life = timed("dispute_arose").raise_()
    for day, party, position in [("03", "acme", "yes"), ("04", "acme", "no"), ("05", "beta", "no")]:
        life.tell(f"2024-01-{day}", "PositionStated", decision="D", party=party, position=position)
    assert started(life) is None
    assert started(life.tell(LATER, "PositionStated", decision="D", party="beta", position="yes")) == date(2024, 1, 8)


def test_the_last_submission_is_that_of_the_last_party() -> None:
    life = timed("last_submission").raise_().tell("2024-01-04", "PositionsSubmitted", decision="D", party="acme")
    assert started(life) is None
    assert started(life.tell(LATER, "PositionsSubmitted", decision="D", party="beta")) == date(2024, 1, 8)


def officers(trigger: Any, **more: Any) -> Governed:
    return Governed(
        ladder=[JSC_TO_OFFICERS, {**OFFICERS_TO_COURT, "id": "t", "clock_starts": trigger, **more}]
    ).raise_()


@pytest.mark.parametrize(
    ("trigger", "fields", "on"),
    [
        ("escalation", {}, date(2024, 1, 20)),
        ("entered", {}, date(2024, 1, 20)),
        ("brought_to_attention", {}, date(2024, 1, 20)),
        ("end_of_previous_tier", {}, date(2024, 1, 16)),
        ("notice_received", {}, None),
        ("notice_received", {"notice_received": "2024-01-22"}, date(2024, 1, 22)),
        ("last_submission", {}, None),
        ({"event": "DecisionEscalated", "where": {"by": "acme"}}, {}, date(2024, 1, 20)),
        ({"event": "DecisionEscalated", "where": {"by": "beta"}}, {}, None),
        ("panel_formed", {}, None),
    ],
)
def test_a_step_up_starts_the_clock_of_the_next_tier_on_its_own_day(
    trigger: Any, fields: dict[str, Any], on: date | None
) -> None:
    life = officers(trigger).tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme", **fields)
    assert started(life) == on


def test_a_step_up_with_every_submission_at_hand_starts_the_clock_that_waits_for_the_last() -> None:
    life = officers("last_submission")
    for party in ("acme", "beta"):
        life.tell("2024-01-05", "PositionsSubmitted", decision="D", party=party)
    assert started(life.tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers")) == date(2024, 1, 20)


def test_a_notice_of_the_day_of_the_step_starts_the_clock_there_and_an_older_one_does_not() -> None:
    for day, on in (("2024-01-20", date(2024, 1, 20)), ("2024-01-19", None)):
        life = officers("notice_received").tell(day, "NoticeReceived", decision="D", notice="N", about="dispute")
        assert started(life.tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers")) == on


def test_the_end_of_a_tier_that_had_no_due_day_is_the_day_of_the_step() -> None:
    steps = [
        {**JSC_TO_OFFICERS, "limit": "redacted"},
        {**OFFICERS_TO_COURT, "id": "t", "clock_starts": "end_of_previous_tier"},
    ]
    life = Governed(ladder=steps).raise_().tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers")
    assert started(life) == date(2024, 1, 20)


def test_a_panel_is_formed_when_its_experts_are_chosen() -> None:
    bodies = {**PLAIN["bodies"], "Panel": {"kind": "experts"}}
    steps = [{"from": "JSC", "to": "Panel", "limit": "none"}]
    steps += [{"from": "Panel", "to": "court", "id": "t", "limit": "10 calendar_days", "clock_starts": "panel_formed"}]
    life = Governed(bodies=bodies, ladder=steps).raise_()
    life.tell("2024-01-05", "DecisionEscalated", decision="D", to="Panel", by="acme")
    assert started(life) is None
    assert started(life.tell(LATER, "ExpertsSelected", decision="D", experts=["x"])) == date(2024, 1, 8)
    assert life.item().place == "Panel"


def test_no_clock_of_a_decision_outlives_it() -> None:
    appeal = {"from": "JSC", "to": "Officers", "id": "t", "limit": "10 calendar_days", "clock_starts": "decided"}
    life = Governed(ladder=[JSC_TO_OFFICERS, {**appeal, "after_decision": True}]).raise_()
    assert [clock.id for clock in life.item().clocks] == ["JSC"]
    life.tell(LATER, "DecisionMade", decision="D", body="JSC", outcome="approve", method="vote")
    assert [clock.stopped for clock in life.item().clocks] == [date(2024, 1, 8)]


def test_a_clock_of_minutes_starts_with_the_draft() -> None:
    deadlines = [
        {"id": one, "length": "10 calendar_days", "clock_starts": one}
        for one in ("meeting_held", "entered", "occurrence", "draft_received", "receipt")
    ]
    life = Governed(minutes=[{"bodies": ["JSC"], "deadlines": deadlines}])
    life.tell("2024-01-02", "MeetingHeld", body="JSC", meeting="M", considered=[])
    life.tell("2024-01-04", "MinutesDrafted", meeting="M", received="2024-01-05")
    found = {clock.id: clock.started for clock in life.item("minutes", "M").clocks}
    held, drafted = date(2024, 1, 2), date(2024, 1, 5)
    assert found == {
        "meeting_held": held, "entered": held, "occurrence": held, "draft_received": drafted, "receipt": drafted,
    }  # fmt: skip


def test_a_meeting_of_another_body_does_not_meet_a_deadline_to_meet() -> None:
    life = timed("raised", kind="meet_by").raise_()
    considered = [{"decision": "D", "result": "deferred"}]
    life.tell("2024-01-04", "MeetingHeld", body="Officers", considered=considered)
    assert life.clock("2024-01-04", "t")["state"] == "running"
    life.tell("2024-01-05", "MeetingHeld", body="JSC", considered=considered)
    assert life.clock("2024-01-05", "t")["state"] == "met"


def test_a_clock_stops_with_the_event_that_its_clause_names() -> None:
    life = timed("raised", stops=[{"event": "PositionsSubmitted", "where": {"party": "beta"}}]).raise_()
    life.tell("2024-01-04", "PositionsSubmitted", decision="D", party="acme")
    assert life.clock("2024-01-04", "t")["state"] == "running"


def test_a_clock_stops_when_every_party_has_submitted_where_its_clause_says_so() -> None:
    life = timed("raised", stops=[{"event": "EveryPartySubmitted"}]).raise_()
    life.tell("2024-01-04", "PositionsSubmitted", decision="D", party="acme")
    assert life.clock("2024-01-04", "t")["state"] == "running"
    life.tell("2024-01-05", "PositionsSubmitted", decision="D", party="beta")
    assert life.clock("2024-01-05", "t")["state"] == "met"


def test_a_declaration_that_the_charter_names_ends_a_running_limit_on_its_day() -> None:
    early = {"event": "NoticeReceived", "where": {"about": "no_settlement"}}
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "ends_early": early}, OFFICERS_TO_COURT]).raise_()
    life.tell("2024-01-04", "NoticeReceived", decision="D", notice="N", about="dispute")
    assert life.asks("2024-01-04")["due"] == date(2024, 1, 16)
    life.tell("2024-01-05", "NoticeReceived", decision="D", notice="N2", about="no_settlement")
    assert life.asks("2024-01-05")["due"] == date(2024, 1, 5)
    assert ("acme", "escalate") in life.may("2024-01-06")
