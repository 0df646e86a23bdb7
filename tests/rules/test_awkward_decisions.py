"""The awkward cases of decisions, bodies and charters, by the words under which they are known."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Refused
from projections import ball_in_court, decision_times, tier_visits
from tests.given import DAY, Life, seconds
from tests.governed import PLAIN, Governed

AWKWARD = """
Reopened
Withdrawn, superseded, voided
A lower tier settles it after escalation
Overlapping pauses
Backdated minutes
Lapse, then a late entry shows it was decided in time
Deemed, then a late entry shows a timely decision
Due date
Person leaves
Body disbanded with open decisions
Partner acquired
The contract assigned
Metric rebaselined
Same word, two readings
Different horizons
Silence
Calendar or charter amended while a clock runs
Final say with a carve-out
Escalations are not bad
No lone composite
"""
ANSWER = {"id": "answer", "at": "JSC", "length": "5 calendar_days", "clock_starts": "entered", "clause": "8"}


def raised() -> Life:
    life = Life()
    life.report("DecisionRaised", at="2026-01-05", decision="D1", body="JPC", title="Which phones")
    return life


def cycles(life: Life) -> Any:
    return life.row(decision_times, "D1").cycles


def silent(then: dict[str, Any]) -> Governed:
    return Governed(deadlines=[{**ANSWER, "then": then}], ladder=[]).raise_()


def test_every_awkward_case_has_a_test_with_its_words_as_its_name() -> None:
    files = [Path(__file__).with_name(name) for name in ("test_awkward_decisions.py", "test_awkward_alignment.py")]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    tests = {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    named = {"test_" + re.sub(r"\W+", "_", case.lower()) for case in AWKWARD.strip().splitlines()}
    assert named - tests == set()


def test_reopened() -> None:
    life = raised()
    life.report("DecisionMade", at="2026-01-15", decision="D1", outcome="approve")
    life.report("DecisionReopened", at="2026-02-01", decision="D1")
    first, second = cycles(life)
    assert (first.start, first.end, first.ending) == (seconds("2026-01-05"), seconds("2026-01-15"), "approve")
    assert (second.status, second.start) == ("open", seconds("2026-02-01"))
    assert life.book.decisions["D1"].cycle == 2


def test_withdrawn_superseded_voided() -> None:
    endings = {}
    for event in ("DecisionWithdrawn", "DecisionSuperseded", "DecisionVoided"):
        life = raised()
        life.report(event, at="2026-01-15", decision="D1")
        endings[event] = cycles(life)[0].ending
        assert [recorded.name for recorded in life.log].count("decision-raised") == 1
    assert list(endings.values()) == ["withdrawn", "superseded", "voided"]

    made = raised()
    made.report("DecisionMade", at="2026-01-15", decision="D1", outcome="approve")
    made.report("DecisionSuperseded", at="2026-03-01", decision="D1", superseded_by="D2")
    assert (cycles(made)[0].ending, made.row(decision_times, "D1").superseded_at) == (
        "approve",
        (seconds("2026-03-01"),),
    )


def test_a_lower_tier_settles_it_after_escalation() -> None:
    life = raised()
    life.report("DecisionEscalated", at="2026-01-09", decision="D1", to="JSC")
    life.report("DecisionMade", at="2026-01-12", decision="D1", outcome="approve", body="JPC")
    visits = [(visit.tier, visit.departure) for visit in life.row(tier_visits, "D1").visits]
    assert visits == [("JPC", "escalated"), ("JSC", "other"), ("JPC", "decided")]
    with pytest.raises(Refused):
        life.command("decide", at="2026-01-13", decision="D1", body="JPC", outcome="reject", by="acme")

    governed = Governed().raise_().tell("2024-01-10", "DecisionEscalated", decision="D", to="Officers")
    governed.tell("2024-01-12", "DecisionMade", decision="D", outcome="approve", body="JSC")
    assert {clock["state"] for clock in governed.asks("2024-03-01")["clocks"]} == {"met"}


def test_overlapping_pauses() -> None:
    life = raised()
    for at, event, pause in (
        ("2026-01-06", "ClockPaused", "P1"),
        ("2026-01-08", "ClockPaused", "P2"),
        ("2026-01-10", "ClockResumed", "P1"),
        ("2026-01-12", "ClockResumed", "P2"),
    ):
        life.report(event, at=at, decision="D1", pause=pause)
    assert cycles(life)[0].seconds_paused == 6 * DAY

    whole, halves = Governed().raise_(), Governed().raise_()
    whole.tell("2024-01-04", "ClockPaused", decision="D", pause="P").tell("2024-01-12", "ClockResumed", pause="P")
    halves.tell("2024-01-04", "ClockPaused", decision="D", pause="P").tell("2024-01-08", "ClockPaused", pause="Q")
    halves.tell("2024-01-10", "ClockResumed", pause="P").tell("2024-01-12", "ClockResumed", pause="Q")
    assert whole.asks("2024-01-12")["clocks"][0]["due"] == halves.asks("2024-01-12")["clocks"][0]["due"]


def test_backdated_minutes() -> None:
    life = raised()
    life.report("DecisionEscalated", at="2026-01-19", decision="D1", to="JSC")
    life.report("DecisionMade", at="2026-01-12", decision="D1", outcome="approve")
    assert [event.name for event in life.log][-2:] == ["decision-escalated", "decision-made"]
    assert cycles(life)[0].end == seconds("2026-01-12")
    assert [turn.end for turn in life.row(ball_in_court, "D1").turns] == [seconds("2026-01-12")]


def test_lapse_then_a_late_entry_shows_it_was_decided_in_time() -> None:
    life = Governed(deadlines=[{**ANSWER, "then": "unknown"}], ladder=[]).raise_().until("2024-01-10")
    assert life.asks("2024-01-10")["state"] == "open"
    life.tell("2024-01-05", "DecisionMade", decision="D", outcome="approve", by=["acme", "beta"])
    answer = life.asks("2024-01-12")
    assert (answer["state"], answer["outcome"], len(answer["contradicted"]) == 1) == ("ended", "approve", True)


def test_deemed_then_a_late_entry_shows_a_timely_decision() -> None:
    life = silent({"effect": "deem", "to": "reject"}).until("2024-01-10")
    assert life.asks("2024-01-10")["method"] == "deemed"
    life.tell("2024-01-05", "DecisionMade", decision="D", outcome="approve", by=["acme", "beta"])
    answer = life.asks("2024-01-12")
    assert (answer["outcome"], bool(answer["contradicted"])) == ("approve", True)

    rows = raised()
    rows.report("DecisionMade", at="2026-01-20", decision="D1", outcome="reject", method="deemed")
    rows.report("DecisionMade", at="2026-01-15", decision="D1", outcome="approve")
    assert (cycles(rows)[0].end, cycles(rows)[0].contradicted) == (seconds("2026-01-15"), 1)


def test_due_date() -> None:
    life = silent({"effect": "deem", "to": "reject"})
    due = life.asks("2024-01-03")["clocks"][0]["due"]
    assert str(due) == "2024-01-07"
    assert life.asks("2024-01-07")["state"] == "open"
    assert life.asks("2024-01-08")["state"] == "ended"


def test_body_disbanded_with_open_decisions() -> None:
    life = raised()
    with pytest.raises(Refused, match="D1"):
        life.command("disband_body", at="2026-02-01", body="JPC")
    (told,) = life.report("BodyDisbanded", at="2026-02-01", body="JPC")
    assert [finding.rule for finding in told.meta.findings] == ["open_items_have_a_body"]

    orphaned = Governed().raise_().tell("2024-01-05", "BodyDisbanded", body="JSC").asks("2024-01-05")
    assert orphaned["holder"] == {"kind": "nobody", "id": None}
    moved = Governed(bodies={**PLAIN["bodies"], "JSC": {"tier": 1, "on_end": {"to": "Officers", "clause": "1.9"}}})
    assert moved.raise_().tell("2024-01-05", "BodyDisbanded", body="JSC").asks("2024-01-05")["tier"] == "Officers"


def test_silence() -> None:
    life = silent({"effect": "deem", "to": "approve"})
    assert life.item().outcome is None
    written = [(report.name, report.clause) for report in life.due("2024-01-08")]
    life.until("2024-01-08")
    assert (written[0], life.item().outcome) == (("DeadlineLapsed", "8"), "approve")
    assert life.item().ended_by


def test_calendar_or_charter_amended_while_a_clock_runs() -> None:
    life = Governed().raise_()
    assert str(life.clock("2024-01-05", "JSC")["due"]) == "2024-01-16"
    life.tell("2024-01-08", "CalendarAmended", calendar="default", plus=[{"day": "2024-01-10"}])
    assert str(life.clock("2024-01-09", "JSC")["due"]) == "2024-01-16"
    life.tell("2024-01-10", "DeadlineExtended", decision="D", to="2024-02-01")
    assert str(life.clock("2024-01-11", "JSC")["due"]) == "2024-02-01"


def test_final_say_with_a_carve_out() -> None:
    carved = {"when": {"attributes": {"adds_cost": True}}, "says": "may not add cost", "clause": "6.2"}
    say = {"who": "acme", "level": "JSC", "carve_outs": [carved]}
    charter = {"matters": {"default": {"start_bodies": ["JSC"], "final_say": say, "clause": "6"}}, "ladder": []}
    life = Governed(**charter).raise_(attributes={"adds_cost": True})
    made = {"decision": "D", "by": "acme", "outcome": "approve", "method": "final_say"}
    assert [clause for _, clause in life.broken("2024-01-05", "DecisionMade", **made)] == ["6.2"]
    assert Governed(**charter).raise_().broken("2024-01-05", "DecisionMade", **made) == []
