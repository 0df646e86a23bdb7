"""The same history under another charter; and where books, streams and corrections meet governance."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.charter_files import compile_charter, whole
from domain.charter.rules import Rules
from domain.deciding import read_streams, turn_page
from domain.errors import Impossible, Refused
from domain.events.correction import RecordCorrected
from domain.events.decision import DecisionRaised
from domain.events.understanding import Confirmed
from domain.governance.amending import amended_items
from domain.governance.ending_calendars import clocks_beyond
from domain.governance.governing import governance_of
from domain.governance.replaying import Course, clerked, compared, courses, replayed
from domain.governance.state import Governance
from domain.governance.told import Told
from domain.values import MessageKey
from tests.given import Life, seconds

CHARTER: dict[str, Any] = {
    "id": "orion",
    "zone": "UTC",
    "parties": {"acme": {}, "globex": {}},
    "calendar": {"places": ["WEEKENDS"], "from": "2025-01-01", "to": "2026-03-31"},
    "bodies": {"JSC": {"tier": 1, "clause": "2.1"}, "Officers": {"tier": 2}},
    "matters": {"default": {"start_bodies": ["JSC"], "final_say": {"who": "acme"}, "clause": "4"}},
    "ladder": [
        {"from": "JSC", "to": "Officers", "limit": "10 business_days", "clock_starts": "raised", "mode": "automatic"},
        {"from": "Officers", "to": "final_say", "limit": "60 calendar_days", "clock_starts": "entered"},
    ],
}


def stored(**changes: Any) -> dict[str, Any]:
    return whole(compile_charter({**CHARTER, **changes}).charter, date(2026, 1, 1))


def slower() -> Rules:
    ladder = [{**CHARTER["ladder"][0], "limit": "15 business_days"}, CHARTER["ladder"][1]]
    return compile_charter({**CHARTER, "ladder": ladder})


@pytest.fixture
def life() -> Life:
    life = Life()
    life.report("CharterAdopted", at="2026-01-02", version="1", charter=stored())
    for decision in ("D1", "D2"):
        life.report("DecisionRaised", at="2026-01-05", decision=decision, body="JSC", matter="default")
    life.report("DecisionMade", at="2026-01-08", decision="D2", body="JSC", outcome="approve", method="consensus")
    return life


def test_a_course_says_where_a_decision_stands_since_when_and_until_when(life: Life) -> None:
    state = replayed(life.log, compile_charter(CHARTER), seconds("2026-01-25"))
    assert courses(state, seconds("2026-01-25")) == {
        "D1": Course("D1", "open", "Officers", None, None, date(2026, 3, 21), 1, 20),
        "D2": Course("D2", "ended", "JSC", "approve", "consensus", date(2026, 1, 19), 0, 3),
    }


def test_what_another_charter_leads_elsewhere_is_compared_and_nothing_else(life: Life) -> None:
    now = seconds("2026-01-25")
    before, after = (replayed(life.log, rules, now) for rules in (compile_charter(CHARTER), slower()))
    [(was, would_be), (made, made_too)] = list(compared(before, after, now))
    assert was == Course("D1", "open", "Officers", None, None, date(2026, 3, 21), 1, 20)
    assert would_be == Course("D1", "open", "JSC", None, None, date(2026, 1, 26), 0, 20)
    assert (made and made.due, made_too and made_too.due) == (date(2026, 1, 19), date(2026, 1, 26))
    assert list(compared(before, before, now)) == []
    assert next(compared(before, Governance(charters=before.charters), now)) == (was, None)


def test_what_the_clerk_wrote_is_written_anew_when_a_history_is_replayed(life: Life) -> None:
    lapse = {"decision": "D1", "clock": "JSC", "due": "2026-01-06"}
    [recorded] = life.report("DeadlineLapsed", at="2026-01-07", **lapse)
    state = replayed(life.log, slower(), seconds("2026-01-25"))
    assert [clock.lapsed_by for clock in state.items[("decision", "D1")].clocks] == [recorded.meta.event_id]
    by_clerk = replace(recorded, meta=replace(recorded.meta, message=MessageKey(source="clerk", id="1")))
    state = replayed([*life.log[:-1], by_clerk], slower(), seconds("2026-01-25"))
    assert [clock.lapsed_by for clock in state.items[("decision", "D1")].clocks] == [None]


def test_a_clerk_that_does_not_come_to_an_end_is_stopped(life: Life) -> None:
    state, now = governance_of(life.log), seconds("2026-06-01")
    assert clerked(state, now).items[("decision", "D1")].place == "Officers"
    with pytest.raises(Refused, match="the ladder goes round"):
        clerked(state, now, events_max=2)


def test_an_amendment_says_nothing_of_what_is_over(life: Life) -> None:
    now = seconds("2026-01-12")
    before, after = (replayed(life.log, rules, now) for rules in (compile_charter(CHARTER), slower()))
    found = list(amended_items(before, after, slower(), now))
    assert [(one.id, one.was.due, one.would_be and one.would_be.due, one.without_body) for one in found] == [
        ("D1", date(2026, 1, 19), date(2026, 1, 26), None)
    ]
    assert list(amended_items(before, before, compile_charter(CHARTER), now)) == []


def test_a_clock_that_has_lapsed_is_not_asked_whether_its_calendar_ends(life: Life) -> None:
    life.report("DecisionRaised", at="2026-03-27", decision="D3", body="JSC", matter="default")
    wish = {"decision": "D3", "party": "acme", "position": "no"}
    found = clocks_beyond(life.book.governance, asking("PositionStated", **wish))
    assert list(found) == []
    life.report("DeadlineLapsed", at="2026-03-30", decision="D3", clock="JSC", due="2026-03-29")
    assert list(clocks_beyond(life.book.governance, asking("PositionStated", **wish))) == []
    wish = {"decision": "D4", "body": "JSC", "matter": "default"}
    [(clock, item, says)] = clocks_beyond(life.book.governance, asking("DecisionRaised", **wish))
    assert (clock.id, item.id, says.split(",")[0]) == ("JSC", "D4", "calendar default holds 2025-01-01 to 2026-03-31")


def asking(event: str, **fields: Any) -> Told:
    return Told(event, fields, seconds("2026-03-27"), date(2026, 3, 27), "asked")


def test_events_of_a_stream_that_a_correction_made_stale_wait_to_be_folded_anew(life: Life) -> None:
    before, last = life.book.states["decision"]["D2"], life.log[-1]
    correction = RecordCorrected(of=last.meta.event_id, of_stream=last.stream, action="retracted")
    page = [
        replace(last, fact=correction, name=correction.NAME, position=90),
        replace(last, position=91),
        replace(life.log[-2], position=92, stream="decision/orion/D7"),
    ]
    assert turn_page(life.book, page) == {last.stream}
    assert (life.book.position, life.book.states["decision"]["D2"]) == (92, before)
    assert "D7" in life.book.states["decision"]


def test_governance_until_an_instant_knows_what_was_effective_by_then_and_every_charter(life: Life) -> None:
    life.report("CharterAmended", at="2026-02-01", version="2", supersedes="1", changes={"zone": "Europe/Paris"})
    state = governance_of(life.log, until=seconds("2026-01-05"))
    assert {one.id: one.status for one in state.items.values()} == {"D1": "open", "D2": "open"}
    assert [one.version for one in state.charters] == ["1", "2"]
    assert {one.id: one.status for one in governance_of(life.log).items.values()} == {"D1": "open", "D2": "ended"}


def test_an_amendment_that_is_no_charter_of_this_language_is_recorded_and_has_no_force(life: Life) -> None:
    life.report("CharterAmended", at="2026-01-09", version="2", supersedes="1", charter={"bodies": {}})
    assert [one.version for one in life.book.governance.charters] == ["1"]
    with pytest.raises(Refused, match="zone: is missing"):
        life.command("amend_charter", at="2026-01-09", version="3", supersedes="2", charter={"id": "x", "parties": {}})


def test_a_correction_folds_again_what_it_is_about_and_leaves_the_rest(life: Life) -> None:
    life.retract(life.log[-1])
    life.report("DecisionMade", at="2026-01-09", decision="D1", body="JSC", outcome="reject", method="consensus")
    states = {name: life.book.states["decision"][name].status for name in ("D1", "D2")}
    governed = {item.id: item.outcome for item in life.book.governance.items.values()}
    assert (states["D1"] != states["D2"], governed) == (True, {"D1": "reject", "D2": None})


@pytest.mark.parametrize(
    ("replacement", "says"),
    [
        ({"name": "decision-enlarged", "fact": {}}, "there is no event 'decision-enlarged'"),
        ({"name": "decision-raised", "fact": {"decision": "D9", "body": "JSC"}}, "stays in the stream of its original"),
    ],
)
def test_a_replacement_is_an_event_of_the_same_stream(life: Life, replacement: dict[str, Any], says: str) -> None:
    of = {"of": life.log[-1].meta.event_id, "of_stream": life.log[-1].stream, "action": "replaced"}
    with pytest.raises(Impossible, match=says):
        life.report("RecordCorrected", **of, replacement={**replacement, "effective_at": 1})


def test_a_replacement_of_its_own_stream_stands_in_place_of_the_original(life: Life) -> None:
    made = {"decision": "D2", "body": "JSC", "outcome": "reject", "method": "consensus"}
    of = {"of": life.log[-1].meta.event_id, "of_stream": "elsewhere", "action": "replaced"}
    replacement = {"name": "decision-made", "fact": made, "effective_at": seconds("2026-01-08")}
    [recorded] = life.report("RecordCorrected", **of, replacement=replacement)
    assert recorded.fact.of_stream == recorded.stream == "decision/orion/D2"
    assert life.book.governance.items[("decision", "D2")].outcome == "reject"


def test_what_nobody_recorded_is_not_corrected(life: Life) -> None:
    with pytest.raises(Impossible, match="there is no event never in alliance 'orion'"):
        life.report("RecordCorrected", of="never", of_stream="decision/orion/D1", action="retracted")


def test_a_message_reads_the_alliance_its_charter_its_own_stream_and_the_bodies_it_names(life: Life) -> None:
    message = DecisionRaised(decision="D9", body="JSC")
    assert read_streams(message, [], life.book) == {
        "alliance/orion/orion": 1,
        "charter/orion/orion": 1,
        "body/orion/JSC": 0,
        "decision/orion/D9": 0,
    }


def test_a_confirmation_reads_the_metric_or_term_of_which_it_speaks_where_there_is_one(life: Life) -> None:
    life.report("TermReadingStated", at="2026-01-09", term="launch", party="acme", reading="tomorrow")
    known = set(read_streams(Confirmed(understanding="launch", version="1", party="acme"), [], life.book))
    other = set(read_streams(Confirmed(understanding="aim", version="1", party="acme"), [], life.book))
    streams = {"alliance/orion/orion", "charter/orion/orion"}
    assert known == {*streams, "understanding/orion/launch", "term/orion/launch"}
    assert other == {*streams, "understanding/orion/aim"}


def test_nothing_is_told_of_an_alliance_that_was_never_formed() -> None:
    with pytest.raises(Impossible, match="was never formed: report AllianceFormed first"):
        Life(formed=False).report("DecisionRaised", decision="D", body="JSC")


@pytest.mark.parametrize("party", ["acme", "Officers"])
def test_parties_and_bodies_owe_and_strangers_do_not(life: Life, party: str) -> None:
    life.report("ObligationStarted", at="2026-01-09", obligation="O", kind="payment", owed_by=party)
    with pytest.raises(Impossible, match="owed_by: 'delta' is not a party of alliance 'orion' \\(acme, globex\\)"):
        life.report("ObligationStarted", at="2026-01-09", obligation="P", kind="payment", owed_by="delta")
