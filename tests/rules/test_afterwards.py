"""What comes late, after the end, or from outside: appeals, overtaken endings, amended calendars, spent ladders."""

from datetime import date
from typing import Any

import pytest

from domain.governance.authority import authority
from tests.governed import JSC_TO_OFFICERS, OFFICERS_TO_COURT, Governed

APPEAL = {"from": "JSC", "to": "Officers", "limit": "none", "after_decision": True, "clause": "7"}
OUTSIDE = {"default": {"start_bodies": ["JSC"], "final_say": "none", "unresolved": "court", "clause": "6"}}


def decided(**step: Any) -> Governed:
    life = Governed(ladder=[JSC_TO_OFFICERS, {**APPEAL, **step}, OFFICERS_TO_COURT]).raise_()
    made = {"decision": "D", "body": "JSC", "outcome": "approve", "method": "consensus"}
    return life.tell("2024-01-05", "DecisionMade", **made)


def after(life: Governed, day: str = "2024-01-08") -> set[tuple[str, str, str | None, str | None]]:
    return {(one["who"], one["act"], one["clause"], one["to"]) for one in life.asks(day)["may_act"]}


def test_what_was_decided_may_be_appealed_once_by_whom_the_step_names() -> None:
    both = {("acme", "escalate", "7", "Officers"), ("beta", "escalate", "7", "Officers")}
    assert after(decided()) == both
    assert after(decided(by="beta")) == {("beta", "escalate", "7", "Officers")}
    life = decided().tell("2024-01-08", "DecisionEscalated", decision="D", appeal="A", to="Officers", by="acme")
    assert after(life) == set()
    assert life.asks("2024-01-08", appeal="A")["tier"] == "Officers"


def test_a_bar_holds_after_the_decision_too() -> None:
    assert after(decided(bars=[{"when": {"raised_by": "acme"}}])) != set()
    life = Governed(ladder=[JSC_TO_OFFICERS, {**APPEAL, "bars": [{"when": {"raised_by": "acme"}}]}]).raise_(by="acme")
    life.tell("2024-01-05", "DecisionMade", decision="D", body="JSC", outcome="approve", method="consensus")
    assert after(life) == set()


def test_what_ended_without_being_decided_is_appealed_by_nobody() -> None:
    life = Governed(ladder=[JSC_TO_OFFICERS, APPEAL]).raise_().tell("2024-01-05", "DecisionWithdrawn", decision="D")
    assert after(life) == set()
    appealed = decided().tell("2024-01-08", "DecisionEscalated", decision="D", appeal="A", to="Officers", by="acme")
    made = {"decision": "D", "appeal": "A", "to": "court", "by": "acme"}
    assert appealed.tell("2024-03-01", "DecisionEscalated", **made).item("appeal", "A").place == "court"


LIMIT = {"id": "talk", "at": "Officers", "length": "5 calendar_days", "clock_starts": "entered", "clause": "5"}


@pytest.mark.parametrize("kind", ["limit", "target"])
def test_where_no_step_leads_on_a_matter_goes_to_its_end_once_the_limit_has_lapsed(kind: str) -> None:
    life = Governed(ladder=[JSC_TO_OFFICERS], matters=OUTSIDE, deadlines=[{**LIMIT, "kind": kind}]).raise_()
    life.tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme")
    suits = {("acme", "sue"), ("beta", "sue")}
    assert life.may("2024-01-25") & suits == set()
    assert life.may("2024-01-26") & suits == (suits if kind == "limit" else set())


def test_where_no_step_leads_on_a_matter_goes_to_its_end_once_a_meeting_failed() -> None:
    life = Governed(ladder=[JSC_TO_OFFICERS], matters=OUTSIDE).raise_()
    life.tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme")
    assert ("acme", "sue") not in life.may("2024-02-01")
    life.tell("2024-02-02", "MeetingHeld", body="Officers", considered=[{"decision": "D", "result": "no_consensus"}])
    assert {one for one in life.authority("2024-02-02") if one.act == "sue"} == {
        one for one in life.authority("2024-02-02") if one.clause == "6" and one.act == "sue"
    }
    assert ("acme", "sue") in life.may("2024-02-02")


def test_where_the_latest_day_has_gone_a_matter_goes_to_its_end() -> None:
    latest = {**JSC_TO_OFFICERS, "kind": "latest"}
    life = Governed(ladder=[latest], matters=OUTSIDE).raise_()
    assert {act for _, act in life.may("2024-01-16")} == {"decide", "escalate"}
    assert {act for _, act in life.may("2024-01-17")} == {"decide", "sue"}


def test_a_step_without_a_limit_is_open_at_once_and_a_latest_one_until_its_day() -> None:
    for limit, kind, open_on in (("none", "limit", True), ("5 weeks", "limit", False), ("5 weeks", "latest", True)):
        life = Governed(ladder=[{**JSC_TO_OFFICERS, "limit": limit, "kind": kind}, OFFICERS_TO_COURT]).raise_()
        assert (("acme", "escalate") in life.may("2024-01-02")) is open_on
    tolled = Governed(ladder=[{**JSC_TO_OFFICERS, "kind": "latest"}], tolling=[{"cause": "war"}]).raise_()
    tolled.tell("2024-01-03", "ClockPaused", decision="D", pause="P", cause="war")
    assert ("acme", "escalate") in tolled.may("2024-01-03")
    unknown = Governed(ladder=[{**JSC_TO_OFFICERS, "kind": "latest", "limit": "redacted"}]).raise_()
    assert ("acme", "escalate") in unknown.may("2024-01-03")


REPLY = {
    "id": "reply", "length": "30 calendar_days", "clock_starts": "occurrence", "acts": ["respond"], "clause": "9",
    "then": {"effect": "deem", "to": "accepted"},
    "rights_after": [{"who": "owed_to", "act": "proceed", "clause": "9.9"}],
}  # fmt: skip


def replying() -> Governed:
    life = Governed(obligations=[REPLY])
    return life.tell("2024-01-02", "ObligationStarted", obligation="reply", owed_by="acme", owed_to="beta")


def test_whoever_owes_may_act_until_silence_had_its_outcome_and_the_other_side_then() -> None:
    life = replying()
    assert [(one.who, one.act, one.clause) for one in life.authority("2024-01-02", "obligation", "reply")] == [
        ("acme", "respond", "9")
    ]
    unclerked = [(one.who, one.act) for one in life.authority("2024-02-02", "obligation", "reply")]
    assert unclerked == [("beta", "proceed")]
    assert life.may("2024-02-02", obligation="reply") == {("beta", "proceed")}
    assert life.item("obligation", "reply").outcome == "accepted"


@pytest.mark.parametrize(
    ("day", "outcome", "contradicted"), [("2024-01-20", "met", 2), ("2024-02-02", "met", 0), ("2024-02-05", "met", 0)]
)
def test_an_obligation_that_was_met_before_it_was_deemed_was_met(day: str, outcome: str, contradicted: int) -> None:
    life = replying().until("2024-02-03")
    life.tell(day, "ObligationMet", obligation="reply", by="acme", id_="met")
    item = life.item("obligation", "reply")
    assert (item.status, item.outcome, len(item.contradicted)) == ("ended", outcome, contradicted)


def test_an_obligation_told_again_starts_anew() -> None:
    life = replying().tell("2024-01-10", "ObligationStarted", obligation="reply", owed_by="acme", owed_to="beta")
    assert life.asks("2024-01-10", obligation="reply")["due"] == date(2024, 2, 9)


SHUT = {"day": date(2024, 1, 10), "name": "strike"}


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"plus": [SHUT]}, date(2024, 1, 16)),
        ({"plus": [SHUT], "open_clocks": "move"}, date(2024, 1, 17)),
        ({"plus": [{**SHUT, "place": "FR"}], "open_clocks": "move"}, date(2024, 1, 17)),
        ({"plus": [{**SHUT, "place": "DE"}], "open_clocks": "move"}, date(2024, 1, 16)),
        ({"minus": [{"day": date(2024, 1, 8)}], "open_clocks": "move"}, date(2024, 1, 16)),
        ({"minus": [{"day": date(2024, 1, 1)}], "open_clocks": "move"}, date(2024, 1, 16)),
    ],
)
def test_a_closure_moves_the_clocks_that_run_only_where_the_amendment_says_so(
    fields: dict[str, Any], due: date
) -> None:
    life = Governed(calendar={"places": ["FR"]}).raise_().tell("2024-01-03", "CalendarAmended", **fields)
    assert life.asks("2024-01-03")["due"] == due


def test_a_closure_that_is_taken_away_brings_a_due_day_forward_and_one_that_is_added_says_its_name() -> None:
    life = Governed(calendar={"places": ["FR"], "plus": ["2024-01-11"]}).raise_()
    assert life.asks("2024-01-02")["due"] == date(2024, 1, 17)
    life.tell("2024-01-03", "CalendarAmended", minus=[{"day": date(2024, 1, 11)}], plus=[SHUT], open_clocks="move")
    assert life.asks("2024-01-03")["due"] == date(2024, 1, 17)
    assert "- Wed 2024-01-10 (strike)" in life.clock("2024-01-03", "JSC")["counting"]
    assert "7 Fri 2024-01-12" in life.clock("2024-01-03", "JSC")["counting"]


def test_a_clock_that_waits_is_counted_with_every_amendment_and_one_that_lapsed_with_none() -> None:
    life = Governed(ladder=[{**JSC_TO_OFFICERS, "clock_starts": "notice_received"}]).raise_()
    life.raise_(decision="E").tell("2024-01-02", "NoticeReceived", notice="N", decision="E", about="dispute")
    life.until("2024-01-20").tell("2024-01-22", "CalendarAmended", plus=[{"day": date(2024, 1, 24)}])
    assert [life.item(id=name).clocks[0].calendar_version for name in "DE"] == [1, 0]
    life.tell("2024-01-23", "CalendarAmended", plus=[{"day": date(2024, 1, 9)}], open_clocks="move")
    assert [life.item(id=name).clocks[0].calendar_version for name in "DE"] == [2, 0]


MINUTES = {"bodies": ["JSC"], "official": "each_party_approves", "clause": "9", "deadlines": [
    {"id": "draft", "length": "5 calendar_days", "clock_starts": "meeting_held", "stops": [{"event": "MinutesDrafted"}],
     "rights": [{"who": "JSC", "act": "submit"}]},
    {"id": "comment", "length": "10 calendar_days", "clock_starts": "draft_received", "then": "right_ends",
     "rights": [{"who": "any_party", "act": "object"}]},
    {"id": "approve", "length": "20 calendar_days", "clock_starts": "draft_received",
     "rights": [{"who": "any_party", "act": "approve"}]},
]}  # fmt: skip


def test_minutes_are_drafted_then_commented_on_in_time_then_approved_by_each_party() -> None:
    life = Governed(minutes=[MINUTES]).tell("2024-01-02", "MeetingHeld", body="JSC", meeting="M", considered=[])

    def may(day: str) -> set[tuple[str, str]]:
        return life.may(day, minutes="M")

    assert may("2024-01-02") == {("JSC", "submit")}
    assert life.asks("2024-01-02", minutes="M")["holder"] == {"kind": "body", "id": "JSC"}
    life.tell("2024-01-04", "MinutesDrafted", meeting="M", received="2024-01-04")
    everybody = {(party, act) for party in ("acme", "beta") for act in ("object", "approve")}
    assert may("2024-01-14") == everybody
    assert may("2024-01-15") == {("acme", "approve"), ("beta", "approve")}
    assert life.asks("2024-01-15", minutes="M")["holder"] == {"kind": "joint", "id": None}
    life.tell("2024-01-16", "MinutesApproved", meeting="M", party="acme")
    assert may("2024-01-16") == {("beta", "approve")}
    assert life.asks("2024-01-16", minutes="M")["holder"] == {"kind": "party", "id": "beta"}
    life.tell("2024-01-17", "MinutesApproved", meeting="M", party="beta")
    assert (may("2024-01-17"), life.asks("2024-01-17", minutes="M")["official"]) == (set(), True)


def test_a_seat_is_named_by_its_party_and_approved_where_seniority_asks_for_it() -> None:
    life = Governed(seats=[{"bodies": ["JSC"], "seniority": {"unless_approved_by": "beta"}, "clause": "2.5"}])
    life.tell("2024-01-02", "SeatFilled", seat="S", body="JSC", party="acme", person="ann", seniority=2)
    found = [(one.who, one.act, one.clause) for one in life.authority("2024-01-02", "seat", "S")]
    assert found == [("acme", "name_person", "2.5"), ("beta", "approve", "2.5")]
    assert life.tell("2024-01-03", "SeatVacated", seat="S", body="JSC").item("seat", "S").person is None


def test_what_was_met_is_over_for_everybody() -> None:
    life = replying().tell("2024-01-10", "ObligationMet", obligation="reply", by="acme")
    assert life.may("2024-01-10", obligation="reply") == set()


def test_a_part_of_an_obligation_is_open_by_its_own_clock() -> None:
    life = Governed(obligations=[REPLY], tolling=[{"cause": "dispute"}])
    life.tell("2024-01-02", "ObligationStarted", obligation="reply", owed_by="acme", owed_to="beta")
    life.tell("2024-01-05", "ClockPaused", obligation="reply", part="rest", pause="P", cause="dispute")
    item, end = life.item("obligation", "reply"), life.end("2024-02-02")
    of_part, of_all = (
        {(one.who, one.act) for one in authority(life.state, life.rules, item, end, part)} for part in ("rest", None)
    )
    assert (of_part, of_all) == ({("acme", "respond")}, {("beta", "proceed")})


def test_what_is_due_by_the_next_meeting_is_due_by_that_of_its_own_body() -> None:
    approve = {"id": "approve", "length": "next_meeting", "clock_starts": "draft_received"}
    life = Governed(minutes=[{"bodies": ["JSC"], "deadlines": [approve]}])
    life.tell("2024-01-02", "MeetingHeld", body="JSC", meeting="M", considered=[])
    life.tell("2024-01-04", "MinutesDrafted", meeting="M")
    life.tell("2024-01-20", "MeetingHeld", body="Officers", meeting="O", considered=[])
    assert life.asks("2024-01-20", minutes="M")["due"] is None
    life.tell("2024-02-06", "MeetingHeld", body="JSC", meeting="N", considered=[])
    assert life.asks("2024-02-06", minutes="M")["due"] == date(2024, 2, 6)


def test_a_notice_on_a_closed_day_starts_a_clock_on_the_day_on_which_it_counts() -> None:
    ladder = [{**JSC_TO_OFFICERS, "clock_starts": "notice_received"}, OFFICERS_TO_COURT]
    life = Governed(ladder=ladder, notices={"only_on_open_days": True}).raise_()
    life.tell("2024-01-06", "NoticeReceived", notice="N", decision="D", about="dispute")
    assert life.clock("2024-01-06", "JSC")["started"] == date(2024, 1, 8)


def test_a_pause_of_a_work_stream_passes_over_what_no_clause_pauses() -> None:
    life = Governed(tolling=[{"cause": "strike", "pauses": ["decisions"]}], obligations=[REPLY])
    life.tell("2024-01-02", "ObligationStarted", obligation="reply", owed_by="acme", work_stream="W")
    life.raise_("2024-01-03", work_stream="W").raise_("2024-01-03", decision="E", work_stream="W")
    life.tell("2024-01-05", "ClockPaused", work_stream="W", pause="P", cause="strike")
    paused = [bool(one.clocks[0].pauses) for one in (life.item("obligation", "reply"), life.item(), life.item(id="E"))]
    assert paused == [False, True, True]
