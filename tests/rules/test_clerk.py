"""What the clerk writes when the time has come: steps at once, silences, ended bodies, flips."""

from datetime import date
from typing import Any

import pytest

from domain.governance.docket import docket
from domain.governance.state import Governance
from tests.governed import JSC_TO_OFFICERS, OFFICERS_TO_COURT, PLAIN, Governed

AT_ONCE = {"from": "JSC", "limit": "none", "mode": "automatic", "on": "no_consensus", "clause": "3"}
NOBODY_DECIDES = {"default": {"start_bodies": ["JSC"], "final_say": "none", "unresolved": "stay", "clause": "6"}}


def failed(life: Governed) -> Governed:
    considered = [{"decision": "D", "result": "no_consensus"}]
    return life.raise_().tell("2024-01-05", "MeetingHeld", body="JSC", considered=considered, id_="met")


def outcome(life: Governed, day: str) -> tuple[Any, ...]:
    answer = life.asks(day)
    return answer["state"], answer["outcome"], answer["method"], answer["tier"]


@pytest.mark.parametrize(
    ("step", "matters", "expected"),
    [
        ({"to": "Officers"}, NOBODY_DECIDES, ("open", None, None, "Officers")),
        ({"to": "status_quo"}, NOBODY_DECIDES, ("ended", "status_quo", None, "JSC")),
        ({"then": {"effect": "deem", "to": "reject"}}, NOBODY_DECIDES, ("ended", "reject", "deemed", "JSC")),
        ({"to": "final_say"}, PLAIN["matters"], ("open", None, None, "final_say")),
        ({"to": "final_say"}, NOBODY_DECIDES, ("open", None, None, "JSC")),
        ({"then": "unknown"}, NOBODY_DECIDES, ("open", None, None, "JSC")),
    ],
)
def test_a_step_without_a_limit_happens_at_once_when_a_meeting_fails_to_agree(
    step: dict[str, Any], matters: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    life = failed(Governed(ladder=[{**AT_ONCE, **step}], matters=matters))
    assert outcome(life, "2024-01-05") == expected


@pytest.mark.parametrize(
    ("result", "quorum", "written"),
    [
        ("no_consensus", None, True),
        ("tie", None, True),
        ("deferred", None, False),
        ("no_consensus", {"total": 3}, False),
    ],
)
def test_only_a_quorate_failure_to_agree_moves_a_decision_at_once(
    result: str,
    quorum: dict[str, int] | None,
    written: bool,  # noqa: FBT001
) -> None:
    bodies = {**PLAIN["bodies"], "JSC": {"tier": 1, "quorum": quorum}}
    life = Governed(ladder=[{**AT_ONCE, "to": "Officers"}], matters=NOBODY_DECIDES, bodies=bodies).raise_()
    present = [{"party": "acme", "person": "p"}, {"party": "beta", "person": "q"}]
    life.tell(
        "2024-01-05", "MeetingHeld", body="JSC", present=present, considered=[{"decision": "D", "result": result}]
    )
    assert [one.name for one in life.due("2024-01-05")] == (["DecisionEscalated"] if written else [])


def test_a_step_at_once_says_where_it_led_from_which_clause_on_the_day_of_the_failure() -> None:
    life = failed(Governed(ladder=[{**AT_ONCE, "to": "status_quo"}], matters=NOBODY_DECIDES))
    report = life.due("2024-02-01")[0]
    assert (report.name, report.clause, report.because_of) == ("StatusQuoImposed", "3", ("met",))
    assert report.identity == ("step", "decision", "D", "1", "0", "JSC no_consensus", "2024-01-05")
    assert report.seconds == life.told("2024-01-05", "x").seconds


def test_silence_about_a_deadline_of_a_decision_deems_its_outcome() -> None:
    deadline = {"id": "answer", "at": "JSC", "length": "5 calendar_days", "clock_starts": "entered", "clause": "8"}
    life = Governed(deadlines=[{**deadline, "then": {"effect": "deem", "to": "approve"}}], ladder=[]).raise_()
    assert outcome(life, "2024-01-07") == ("open", None, None, "JSC")
    assert outcome(life, "2024-01-08") == ("ended", "approve", "deemed", "JSC")
    assert life.item().ended_on == date(2024, 1, 8)


def test_a_body_that_ends_without_a_word_of_where_its_items_go_orphans_them() -> None:
    life = Governed().raise_().tell("2024-01-05", "BodyDisbanded", body="JSC", id_="end")
    report = life.due("2024-01-05")[0]
    assert (report.name, report.fields, report.because_of) == (
        "DecisionOrphaned",
        {"decision": "D", "body": "JSC"},
        ("end",),
    )
    assert life.asks("2024-01-05")["holder"] == {"kind": "nobody", "id": None}


@pytest.mark.parametrize(
    ("to", "held"),
    [
        ("arbitration", {"held_by": "outside", "holder": "arbitration"}),
        ("Tribunal", {"held_by": "outside", "holder": "Tribunal"}),
        ("final_say", {"held_by": "party", "holder": "acme"}),
        ("parties", {"held_by": "joint"}),
        ("Officers", {}),
    ],
)
def test_the_items_of_a_body_that_ended_go_where_the_charter_says(to: str, held: dict[str, str]) -> None:
    bodies = {**PLAIN["bodies"], "JSC": {"tier": 1, "on_end": {"to": to, "clause": "1.9"}}}
    life = Governed(bodies={**bodies, "Tribunal": {"kind": "arbitration"}}).raise_()
    report = life.tell("2024-01-05", "BodyDisbanded", body="JSC", id_="end").due("2024-01-05")[0]
    place = "any_party" if to == "parties" else to
    assert report.fields == {"decision": "D", "from": "JSC", "to": place} | held
    assert (report.name, report.clause, report.because_of) == ("DecisionTransferred", "1.9", ("end",))


def test_a_body_that_takes_over_gets_the_items_where_the_charter_does_not() -> None:
    life = Governed().raise_().tell("2024-01-05", "BodyDisbanded", body="JSC", successor="Officers")
    assert life.asks("2024-01-05")["tier"] == "Officers"


def test_a_body_that_assumes_later_takes_the_items_from_where_they_went() -> None:
    bodies = {**PLAIN["bodies"], "JSC": {"tier": 1, "on_end": {"to": "Officers"}}, "Board": {"tier": 3}}
    life = Governed(bodies=bodies).raise_().tell("2024-01-05", "BodyDisbanded", body="JSC").until("2024-01-05")
    life.tell("2024-01-09", "ResponsibilitiesAssumed", of="JSC", by="Board", id_="took")
    report = life.due("2024-01-09")[0]
    assert (report.fields["to"], report.because_of) == ("Board", ("took",))
    assert life.asks("2024-01-09")["tier"] == "Board"


def test_an_ended_body_leaves_its_findings_on_what_was_open_before_it() -> None:
    life = Governed().raise_().raise_(decision="E", body="Officers").raise_(decision="F")
    life.tell("2024-01-03", "DecisionWithdrawn", decision="F")
    life.tell("2024-01-05", "BodyDisbanded", body="JSC", findings_=("13",))
    assert [life.item(id=name).findings for name in "DEF"] == [("13",), (), ()]


def test_a_step_that_takes_effect_on_a_business_day_beyond_the_calendar_is_never_dated() -> None:
    step = {**JSC_TO_OFFICERS, "limit": "2 calendar_days", "mode": "automatic", "takes_effect": "next_business_day"}
    calendar = {"from": "2024-01-01", "to": "2024-01-05"}
    life = Governed(ladder=[step], calendar=calendar, matters=NOBODY_DECIDES).raise_("2024-01-03")
    assert life.asks("2024-01-03")["if_nothing"] == {"effect": "escalate", "clause": "3", "to": "Officers", "on": None}
    assert life.asks("2024-01-20")["tier"] == "JSC"


def test_a_step_that_takes_effect_on_a_business_day_waits_over_the_weekend() -> None:
    step = {**JSC_TO_OFFICERS, "limit": "2 calendar_days", "mode": "automatic", "takes_effect": "next_business_day"}
    life = Governed(ladder=[step], matters=NOBODY_DECIDES).raise_("2024-01-03")
    assert life.asks("2024-01-03")["if_nothing"]["on"] == date(2024, 1, 8)
    assert [life.asks(f"2024-01-0{day}")["tier"] for day in (7, 8)] == ["JSC", "Officers"]


def test_a_deadline_that_lapses_into_the_unknown_leaves_it_unknown() -> None:
    deadline = {"id": "talk", "at": "JSC", "length": "5 calendar_days", "clock_starts": "entered", "clause": "8"}
    life = Governed(deadlines=[{**deadline, "then": "unknown"}], ladder=[], matters=NOBODY_DECIDES).raise_()
    assert life.asks("2024-01-07")["if_nothing"] == {"effect": "unknown", "clause": "8"}
    assert life.asks("2024-01-08")["if_nothing"] == {"effect": "unknown", "clause": "8"}


def test_before_a_charter_nothing_is_due_from_anybody() -> None:
    assert docket(Governance(), "a", 0) == []


def test_the_docket_says_from_whom_a_thing_is_due() -> None:
    bodies = {**PLAIN["bodies"], "Acmes": {"tier": 1, "of": "acme"}}
    rule = {"id": "pay", "length": "30 calendar_days", "clock_starts": "occurrence", "clause": "9"}
    steps = [JSC_TO_OFFICERS, {**JSC_TO_OFFICERS, "from": "Acmes"}, OFFICERS_TO_COURT]
    life = Governed(bodies=bodies, obligations=[rule], ladder=steps).raise_().raise_(decision="A", body="Acmes")
    life.tell("2024-01-02", "ObligationStarted", obligation="pay", owed_by="beta")
    found = docket(life.state, "orion", life.end("2024-01-02"))
    assert [(one.id, one.parties) for one in found] == [
        ("A", ("acme",)),
        ("D", ("acme", "beta")),
        ("pay", ("beta",)),
    ]


def test_what_nobody_holds_is_due_from_those_who_may_act() -> None:
    deadline = {"id": "reply", "length": "5 calendar_days", "clock_starts": "raised", "clause": "8"}
    rights = [{"who": "beta", "act": "respond"}]
    life = Governed(deadlines=[{**deadline, "rights": rights}], ladder=[], matters=NOBODY_DECIDES).raise_()
    life.tell("2024-01-03", "DecisionTransferred", decision="D", to="any_party")
    found = docket(life.state, "orion", life.end("2024-01-03"))
    assert [(one.clock, one.holder, one.parties) for one in found] == [("reply", None, ("beta",))]


def test_a_docket_leaves_out_what_is_over_and_what_is_asked_for_by_nobody() -> None:
    life = Governed().raise_().raise_("2024-01-04", decision="E", body="Officers", work_stream="W", title="Price")
    life.raise_(decision="F").tell("2024-01-05", "DecisionWithdrawn", decision="F")
    end = life.end("2024-01-05")

    def ids(**which: Any) -> list[str]:
        return [one.id for one in docket(life.state, "orion", end, **which)]

    assert ids() == ["D", "E"]
    assert ids(body="JSC") == ["D"]
    assert ids(until=date(2024, 1, 15)) == []
    assert ids(until=date(2024, 1, 16)) == ["D"]
    entry = docket(life.state, "orion", end)[1]
    assert (entry.alliance, entry.kind, entry.title, entry.work_stream, entry.age_days, entry.due) == (
        "orion", "decision", "Price", "W", 1, None,
    )  # fmt: skip
    assert (entry.clause, entry.state, entry.holder_kind, entry.tier) == ("4", "not_started", "body", "Officers")
