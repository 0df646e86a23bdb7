"""What an event changes, and what it leaves alone: decisions, meetings, minutes, notices, pauses, terms."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.governance.confirming import Confirmation, confirmations
from domain.governance.fold import evolve
from domain.governance.state import Governance
from domain.governance.told import day_from
from tests.governed import ADOPTED, JSC_TO_OFFICERS, OFFICERS_TO_COURT, PLAIN, Governed


def test_before_a_charter_nothing_is_kept() -> None:
    told = Governed().told("2024-01-02", "DecisionRaised", decision="D", body="JSC")
    assert evolve(Governance(), told) == Governance()


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("DecisionMade", {"decision": "never"}),
        ("MinutesDrafted", {"meeting": "never"}),
        ("ObligationMet", {"obligation": "never"}),
        ("LimitLapsed", {"obligation": "never"}),
        ("OutcomeDeemed", {"seat": "never"}),
        ("LimitLapsed", {}),
        ("OutcomeDeemed", {}),
        ("ReceiptAcknowledged", {"notice": "never"}),
        ("ClockPaused", {"decision": "never"}),
        ("ClockResumed", {"obligation": "never"}),
        ("DelegatedTermChanged", {"body": "JSC", "term": "limit", "value": "soon"}),
        ("ObservationReported", {"metric": "M"}),
        ("CharterAmended", {"version": "2", "charter": {"bodies": {}}}),
        ("CharterAmended", {"version": "2", "charter": {**PLAIN, "ladder": [{**JSC_TO_OFFICERS, "to": "Heads"}]}}),
    ],
)
def test_what_is_about_nothing_known_changes_nothing(event: str, fields: dict[str, Any]) -> None:
    life = Governed().raise_()
    before = life.state
    assert life.tell("2024-01-03", event, **fields).state == before


def test_a_meeting_says_nothing_about_decisions_that_are_over_or_unknown() -> None:
    life = Governed().raise_().tell("2024-01-03", "DecisionWithdrawn", decision="D")
    considered = [{"decision": one, "result": "no_consensus"} for one in ("D", "never")]
    life.tell("2024-01-04", "MeetingHeld", body="JSC", considered=considered)
    assert (life.item().failed_by, life.item().ballot, life.item().held_at) == (None, None, ())
    assert life.state.item("decision", "never") is None


def test_a_decision_that_goes_up_without_a_word_where_to_takes_the_next_step_or_ends_with_the_final_say() -> None:
    life = Governed().raise_().tell("2024-01-20", "DecisionEscalated", decision="D", by="acme")
    assert life.asks("2024-01-20")["tier"] == "Officers"
    deem = {"from": "JSC", "limit": "5 calendar_days", "then": {"effect": "deem", "to": "approve"}}
    stuck = Governed(ladder=[deem]).raise_().tell("2024-01-03", "DecisionEscalated", decision="D", by="acme")
    assert stuck.asks("2024-01-03")["tier"] == "final_say"


def test_a_body_that_does_not_hold_a_decision_approves_nothing() -> None:
    step = {"from": "JSC", "to": "Officers", "limit": "none", "mode": "automatic", "on": "approval"}
    life = Governed(ladder=[step]).raise_().tell("2024-01-03", "ApprovalGiven", decision="D", body="Officers")
    assert (life.item().approved_by_body, life.asks("2024-01-03")["tier"]) == (None, "JSC")
    life.tell("2024-01-04", "ApprovalGiven", decision="D", body="JSC")
    assert life.asks("2024-01-04")["tier"] == "Officers"


@pytest.mark.parametrize(("result", "expected"), [("failed", True), ("settled", False)])
def test_a_mediation_that_failed_is_a_failure_to_agree_where_it_was_held(result: str, expected: bool) -> None:  # noqa: FBT001
    bodies = {**PLAIN["bodies"], "Mediator": {"kind": "mediation"}}
    steps = [
        {"from": "JSC", "to": "Mediator", "limit": "none"},
        {"from": "Mediator", "to": "court", "limit": "none", "mode": "automatic"},
    ]
    life = Governed(bodies=bodies, ladder=steps, matters={"default": {"final_say": "none"}}).raise_()
    life.tell("2024-01-03", "MediationStarted", decision="D")
    assert life.asks("2024-01-03")["holder"] == {"kind": "outside", "id": "Mediator"}
    life.tell("2024-02-01", "MediationEnded", decision="D", result=result, id_="ended")
    assert life.item().held_at == (("Mediator", date(2024, 2, 1)),)
    assert (life.item().failed_by, life.item().failed_on) == (("ended", date(2024, 2, 1)) if expected else (None, None))
    assert (life.asks("2024-02-01")["tier"] == "court") is expected


def test_an_acknowledgement_without_a_ballot_changes_nothing_and_with_one_is_kept() -> None:
    life = Governed().raise_().tell("2024-01-03", "ReceiptAcknowledged", decision="D", party="beta")
    assert life.item().ballot is None
    life.tell("2024-01-04", "VoteCast", decision="D", party="acme", person="p", vote="yes", via="e-mail")
    life.tell("2024-01-05", "ReceiptAcknowledged", decision="D", party="beta")
    ballot = life.item().ballot
    assert ballot is not None
    assert (ballot.body, ballot.meeting, ballot.acknowledged) == ("JSC", None, ("beta",))


PAY = {"id": "pay", "length": "30 calendar_days", "clause": "9"}


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        ("occurrence", date(2024, 2, 1)),
        ("unspecified", None),
        ({"event": "ObligationStarted", "where": {"kind": "fee"}, "day": "planned"}, date(2024, 2, 9)),
        ({"event": "ObligationStarted", "where": {"kind": "rent"}}, None),
        ({"event": "ObligationStarted", "where": {"kind": "fee"}}, date(2024, 2, 4)),
    ],
)
def test_an_obligation_runs_from_what_its_clause_says(starts: Any, due: date | None) -> None:
    life = Governed(obligations=[{**PAY, "clock_starts": starts}])
    told = {"obligation": "pay", "kind": "fee", "owed_by": "acme", "day": "2024-01-05", "planned": "2024-01-10"}
    life.tell("2024-01-02", "ObligationStarted", **told)
    assert life.asks("2024-01-02", obligation="pay")["due"] == due


def test_an_obligation_that_a_notice_starts_runs_from_its_receipt() -> None:
    life = Governed(obligations=[{**PAY, "clock_starts": "notice_received"}])
    life.tell("2024-01-02", "NoticeReceived", notice="N", by="beta", about="invoice")
    for name, extra in {"a": {"notice": "N"}, "b": {"received": "2024-01-04"}, "c": {}}.items():
        life.tell("2024-01-05", "ObligationStarted", obligation=name, clause="9", owed_by="acme", **extra)
    dues = [life.asks("2024-01-05", obligation=name)["due"] for name in "abc"]
    assert dues == [date(2024, 2, 1), date(2024, 2, 3), date(2024, 2, 4)]


def test_one_part_of_an_obligation_can_be_paused_lapse_and_be_met_by_itself() -> None:
    tolling = [{"cause": "dispute", "pauses": ["obligations"]}]
    life = Governed(obligations=[{**PAY, "clock_starts": "occurrence"}], tolling=tolling)
    life.tell("2024-01-02", "ObligationStarted", obligation="pay", owed_by="acme")
    life.tell("2024-01-05", "ClockPaused", obligation="pay", part="disputed", pause="P", cause="dispute")
    assert life.asks("2024-01-05", obligation="pay", part="disputed")["due"] is None
    assert life.asks("2024-01-05", obligation="pay")["due"] == date(2024, 2, 1)
    life.tell("2024-01-10", "ClockResumed", obligation="pay", part="disputed", pause="P")
    assert life.asks("2024-01-10", obligation="pay", part="disputed")["due"] == date(2024, 2, 6)
    assert life.asks("2024-02-07", obligation="pay", part="disputed")["lapsed"] is True
    assert [clock.lapsed_on for clock in life.item("obligation", "pay").parts["disputed"]] == [date(2024, 2, 6)]
    life.tell("2024-02-08", "ObligationMet", obligation="pay", part="other")
    assert [clock.met for clock in life.item("obligation", "pay").parts["other"]] == [date(2024, 2, 8)]
    assert life.item("obligation", "pay").status == "open"


@pytest.mark.parametrize(("finding_for", "status"), [("acme", "ended"), ("beta", "open"), (None, "open")])
def test_nothing_resumes_for_the_side_that_a_finding_went_against(finding_for: str | None, status: str) -> None:
    tolling = [{"cause": "dispute", "pauses": ["obligations"], "resumes_for": ["owed_to"]}]
    life = Governed(obligations=[{**PAY, "clock_starts": "occurrence"}], tolling=tolling)
    life.tell("2024-01-02", "ObligationStarted", obligation="pay", owed_by="acme", owed_to="beta")
    life.tell("2024-01-05", "ClockPaused", obligation="pay", pause="P", cause="dispute")
    life.tell("2024-01-10", "ClockResumed", obligation="pay", pause="P", finding_for=finding_for)
    answer = life.asks("2024-01-10", obligation="pay")
    assert (answer["state"], answer["outcome"]) == (status, "not_owed" if status == "ended" else None)


def test_a_pause_of_a_work_stream_pauses_all_that_belongs_to_it() -> None:
    life = Governed(tolling=[{"cause": "strike", "pauses": ["decisions"]}])
    life.raise_(work_stream="W").raise_(decision="E", work_stream="V").raise_(decision="F")
    life.tell("2024-01-05", "ClockPaused", work_stream="W", pause="P", cause="strike")
    states = {name: life.asks("2024-01-05", decision=name)["clocks"][0]["state"] for name in "DEF"}
    assert states == {"D": "paused", "E": "running", "F": "running"}
    life.tell("2024-01-10", "ClockResumed", work_stream="W", pause="P")
    assert life.asks("2024-01-10")["due"] == date(2024, 1, 19)


def test_a_toll_of_a_work_stream_pauses_what_belongs_to_it() -> None:
    tolling = [{"cause": "strike", "pauses": ["decisions"], "work_streams": ["W"], "only": ["Officers"]}]
    life = Governed(tolling=tolling).raise_(work_stream="W").raise_(decision="E", work_stream="V")
    life.raise_(decision="F", body="Officers")
    for name in "DEF":
        life.tell("2024-01-05", "ClockPaused", decision=name, pause="P", cause="strike")
    paused = {name: bool(life.item(id=name).clocks[0].pauses) for name in "DEF"}
    assert paused == {"D": True, "E": False, "F": True}


def test_a_flip_that_is_told_twice_keeps_its_first_day() -> None:
    flips = [{"when": {"opted_out": "acme"}, "final_say": "beta", "clause": "7"}]
    life = Governed(flips=flips)
    for day in ("2024-01-03", "2024-01-04"):
        life.tell(day, "DecisionRightsFlipped", trigger="flip-0", id_=day)
    assert life.state.flipped == {0: (date(2024, 1, 3), "2024-01-03")}


def test_a_flip_of_a_rule_that_an_amendment_took_away_counts_no_more() -> None:
    flips = [{"when": {"opted_out": "acme"}, "final_say": "beta", "clause": "7"}]
    life = Governed(flips=flips).raise_().tell("2024-01-03", "DecisionRightsFlipped", trigger="flip-0")
    assert life.asks("2024-01-03")["final_say"]["who"] == ["beta"]
    life.tell("2024-01-04", "DecisionRightsFlipped", trigger="flip-1")
    assert life.asks("2024-01-04")["final_say"]["who"] == ["beta"]


def test_a_right_that_moved_on_one_matter_leaves_the_others() -> None:
    life = Governed().raise_()
    life.tell("2024-01-03", "DecisionRightsFlipped", trigger="by letter", matter="pricing", to="beta")
    assert life.asks("2024-01-03")["final_say"]["who"] == ["acme"]
    life.tell("2024-01-04", "DecisionRightsFlipped", trigger="by letter", matter="default", to="beta")
    life.tell("2024-01-05", "DecisionRightsFlipped", trigger="by letter", matter="pricing", to="acme")
    assert life.asks("2024-01-05")["final_say"]["who"] == ["beta"]


def test_a_shortened_limit_moves_the_clocks_of_that_body_that_still_run() -> None:
    life = Governed().raise_().raise_("2024-01-03", decision="E", body="Officers")
    life.tell("2024-01-05", "DelegatedTermChanged", body="JSC", term="limit", value="5 business_days")
    assert life.asks("2024-01-05")["due"] == date(2024, 1, 9)
    assert life.clock("2024-01-05", "Officers", decision="E")["length"] == "30 calendar_days"
    life.raise_("2024-01-08", decision="G")
    assert life.asks("2024-01-08", decision="G")["due"] == date(2024, 1, 15)


def test_a_notice_of_a_meeting_of_a_body_that_asks_for_none_has_no_clock() -> None:
    life = Governed().tell("2024-01-02", "MeetingConvened", body="JSC", meeting="M", notice="N")
    answer = life.asks("2024-01-02", notice="N")
    assert (answer["clocks"], answer["received"]) == ([], date(2024, 1, 2))


def test_a_notice_that_counts_when_it_is_acknowledged_does_not_count_by_arriving() -> None:
    by_means = {
        "fax": {"counts": "on_acknowledgement"},
        "letter": {"counts": "on_receipt"},
        "dove": {"counts": "never"},
    }
    life = Governed(notices={"by_means": by_means})
    for means in by_means:
        life.tell("2024-01-02", "NoticeSent", notice=means, via=means, by="acme", to="beta")
        life.tell("2024-01-04", "NoticeReceived", notice=means, via=means)
    received = {means: life.asks("2024-01-05", notice=means)["received"] for means in by_means}
    assert received == {"fax": None, "letter": date(2024, 1, 4), "dove": None}
    life.tell("2024-01-08", "ReceiptAcknowledged", notice="fax")
    life.tell("2024-01-09", "ReceiptAcknowledged", notice="letter")
    assert life.asks("2024-01-10", notice="fax")["received"] == date(2024, 1, 8)
    assert life.asks("2024-01-10", notice="letter")["received"] == date(2024, 1, 4)


def test_corrected_minutes_stay_as_open_as_they_were() -> None:
    draft = {"id": "draft", "length": "10 calendar_days", "clock_starts": "meeting_held"}
    life = Governed(minutes=[{"bodies": ["JSC"], "deadlines": [draft]}])
    life.tell("2024-01-02", "MeetingHeld", body="JSC", meeting="M", considered=[])
    life.tell("2024-01-03", "MinutesCorrected", meeting="M")
    assert (life.asks("2024-01-03", minutes="M")["state"], life.item("minutes", "M").drafted) == ("open", False)
    life.tell("2024-01-04", "MinutesFinalized", meeting="M")
    answer = life.asks("2024-01-04", minutes="M")
    assert (answer["state"], answer["outcome"], answer["official"]) == ("ended", "official", True)


@pytest.mark.parametrize(
    ("value", "day"),
    [(datetime(2024, 1, 1, 23, tzinfo=UTC), ADOPTED), (True, None), (1.5, None), ("2024-01-01", ADOPTED)],
)
def test_a_day_is_read_from_a_moment_and_from_nothing_else(value: Any, day: date | None) -> None:
    assert day_from(value) == day


def test_each_party_confirms_a_clause_once_under_a_version() -> None:
    life = Governed()
    for day, party, clause in [("03", "acme", "3"), ("04", "acme", "3"), ("05", "beta", "3"), ("05", "beta", "6")]:
        life.tell(f"2024-01-{day}", "ClauseConfirmed", version="1", clause=clause, party=party)
    life.tell("2024-01-06", "ClauseConfirmed", version="0", clause="4", party="acme")
    assert confirmations(life.state, life.end("2024-01-06")) == [
        Confirmation("1", ("bodies.JSC",), (), ("acme", "beta")),
        Confirmation("2", ("bodies.Officers",), (), ("acme", "beta")),
        Confirmation("6", ("matters.default",), ("beta",), ("acme",)),
        Confirmation("3", ("ladder[0]",), ("acme", "beta"), ()),
        Confirmation("4", ("ladder[1]",), (), ("acme", "beta")),
    ]


def test_a_clause_that_several_rules_read_is_confirmed_for_all_of_them() -> None:
    steps = [{**JSC_TO_OFFICERS, "clause": "3, 4"}, {**OFFICERS_TO_COURT, "clause": "4"}]
    found = {one.clause: one.paths for one in confirmations(Governed(ladder=steps).state, 0)}
    assert (found["3"], found["4"]) == (("ladder[0]",), ("ladder[0]", "ladder[1]"))


def test_an_amendment_that_says_nothing_else_keeps_the_rules() -> None:
    life = Governed()
    life.tell("2024-01-03", "CharterAmended", version="2", supersedes="1")
    first, second = life.state.charters
    assert (second.version, second.rules, second.needs, second.speaks_from) == (
        "2", first.rules, ("acme", "beta"), life.told("2024-01-03", "x").seconds,
    )  # fmt: skip


def test_a_seat_that_nobody_took_is_unknown() -> None:
    assert Governed().asks("2024-01-03", seat="S") == {"state": "unknown"}
