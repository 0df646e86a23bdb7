"""Which pauses a charter knows, for whom and of what; what is left of a clock; and what a clock says meanwhile."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.clocks import Length, Pause
from domain.governance.pausing import rounded_end
from domain.governance.state import Clock, Governance
from domain.governance.timing import due_of, read
from tests.governed import PLAIN, Governed

DAYS = {"length": "30 calendar_days", "clock_starts": "occurrence"}
PAY = {"id": "pay", "obligation_kind": "payment", "clause": "9", **DAYS}
SHIP = {"id": "ship", "obligation_kind": "delivery", "clause": "8", **DAYS}
TOLLED = (Pause("P", "war", date(2024, 1, 5), date(2024, 1, 6)),)


def owing(*tolls: dict[str, Any], **rules: Any) -> Governed:
    life = Governed(obligations=[PAY, SHIP], tolling=tolls, **rules)
    life.tell(
        "2024-01-02",
        "ObligationStarted",
        obligation="pay",
        clause="9(a)",
        kind="payment",
        owed_by="acme",
        owed_to="beta",
    )
    return life.tell("2024-01-02", "ObligationStarted", obligation="ship", clause="8", owed_by="beta", owed_to="acme")


def pauses(life: Governed, name: str = "pay", **fields: Any) -> bool:
    told = {"pause": "P", "cause": "dispute", "obligation": name} | fields
    return bool(life.tell("2024-01-05", "ClockPaused", **told).item("obligation", name).clocks[0].pauses)


@pytest.mark.parametrize(
    ("toll", "paused"),
    [
        ({"cause": "dispute"}, True),
        ({"cause": "any"}, True),
        ({"cause": "war"}, False),
        ({"cause": "dispute", "pauses": ["decisions"]}, False),
        ({"cause": "dispute", "only": ["pay"]}, True),
        ({"cause": "dispute", "only": ["payment"]}, True),
        ({"cause": "dispute", "only": ["9"]}, True),
        ({"cause": "dispute", "only": ["ship"]}, False),
        ({"cause": "dispute", "only": ["8"]}, False),
        ({"cause": "dispute", "only": ["8", "9"]}, True),
    ],
)
def test_a_pause_counts_where_its_cause_and_what_it_stops_are_those_of_a_clause(
    toll: dict[str, Any],
    paused: bool,  # noqa: FBT001
) -> None:
    assert pauses(owing(toll)) is paused


@pytest.mark.parametrize(
    ("by", "starts", "paused"),
    [
        (["owed_by"], "acme", True),
        (["owed_by"], "beta", False),
        (["owed_to"], "beta", True),
        (["owed_to"], "acme", False),
        (["accused"], "acme", True),
        (["accused"], "beta", False),
        (["acme"], "acme", True),
        (["acme"], "beta", False),
        (["acme"], None, True),
        ([], "beta", True),
    ],
)
def test_a_pause_is_started_by_whom_the_clause_lets(by: list[str], starts: str | None, paused: bool) -> None:  # noqa: FBT001
    assert pauses(owing({"cause": "dispute", "by": by}), by=starts) is paused


def test_whoever_took_over_the_contract_may_start_the_pause_of_the_party_before() -> None:
    life = owing({"cause": "dispute", "by": ["acme"]})
    life.tell("2024-01-04", "PartySucceeded", kind="assignment", old="acme", new="gamma")
    assert pauses(life, by="gamma")


@pytest.mark.parametrize(
    ("resumes_for", "finding_for", "ended"),
    [
        (["owed_to"], "beta", False),
        (["owed_to"], "acme", True),
        (["owed_by"], "acme", False),
        (["owed_by"], "beta", True),
        (["beta"], "beta", False),
        (["beta"], "acme", True),
        ([], "acme", False),
    ],
)
def test_what_a_pause_left_is_owed_only_if_the_finding_is_for_the_side_it_resumes_for(
    resumes_for: list[str],
    finding_for: str,
    ended: bool,  # noqa: FBT001
) -> None:
    life = owing({"cause": "dispute", "resumes_for": resumes_for}, {"cause": "strike"})
    pauses(life)
    life.tell("2024-01-08", "ClockResumed", obligation="pay", pause="P", finding_for=finding_for)
    assert (life.item("obligation", "pay").outcome == "not_owed") is ended


def test_the_end_of_another_pause_or_of_another_duty_ends_no_duty() -> None:
    life = owing(
        {"cause": "dispute", "resumes_for": ["owed_to"], "only": ["pay"]}, {"cause": "dispute", "only": ["ship"]}
    )
    pauses(life)
    life.tell("2024-01-08", "ClockResumed", obligation="pay", pause="Q", finding_for="acme")
    assert life.item("obligation", "pay").outcome is None
    pauses(life, "ship")
    life.tell("2024-01-08", "ClockResumed", obligation="ship", pause="P", finding_for="gamma")
    assert life.item("obligation", "ship").outcome is None


@pytest.mark.parametrize(
    ("rounds", "until", "months"),
    [
        ("up", date(2024, 3, 1), 1),
        ("up", date(2024, 3, 2), 2),
        ("up", date(2024, 2, 2), 1),
        ("down", date(2024, 3, 1), 1),
        ("down", date(2024, 3, 31), 1),
        ("down", date(2024, 2, 29), 0),
        ("nearest", date(2024, 3, 16), 1),
        ("nearest", date(2024, 3, 17), 2),
        ("nearest", date(2024, 2, 15), 0),
        ("nearest", date(2024, 2, 16), 1),
        ("nearest", date(2024, 4, 16), 3),
        ("nearest", date(2024, 3, 1), 1),
    ],
)
def test_a_term_moves_by_the_months_of_its_pauses_up_down_or_to_the_nearer(
    rounds: str, until: date, months: int
) -> None:
    life = owing({"cause": "dispute", "rounds_to_months": rounds, "only": ["pay"]})
    clock = replace(life.item("obligation", "pay").clocks[0], pauses=(Pause("P", "dispute", date(2024, 2, 1), until),))
    found = rounded_end(life.rules, life.item("obligation", "pay"), clock, date(2024, 12, 10))
    assert found == (date(2024, 12, 10).replace(month=12) if not months else date(2025, months, 10))


def test_a_term_without_a_due_day_a_closed_pause_or_a_clause_is_not_rounded() -> None:
    life = owing({"cause": "dispute", "rounds_to_months": "up", "only": ["pay"]})
    pay, ship = life.item("obligation", "pay"), life.item("obligation", "ship")
    closed = Pause("P", "dispute", date(2024, 2, 1), date(2024, 3, 1))

    def end(item: Any, plain_due: date | None, *found: Pause) -> date | None:
        return rounded_end(life.rules, item, replace(item.clocks[0], pauses=found), plain_due)

    due = date(2024, 12, 10)
    assert end(pay, due, closed) == date(2025, 1, 10)
    assert end(pay, None, closed) is None
    assert end(pay, due) is None
    assert end(pay, due, replace(closed, until=None)) is None
    assert end(pay, due, closed, replace(closed, cause="war")) is None
    assert end(ship, due, closed) is None


RUNNING = Clock("t", "limit", Length("calendar_days", 10), "raised", 0, "JSC", started=date(2024, 1, 2), started_by="e")
OPEN = (Pause("P", "war", date(2024, 1, 5)), Pause("Q", "strike", date(2024, 1, 6)))


def reading(clock: Clock, day: str = "2024-01-08") -> Any:
    life = Governed()
    return read(life.state, life.rules, clock, life.end(day))


def test_a_running_clock_says_its_due_day_the_instant_after_it_and_the_counting() -> None:
    found = reading(RUNNING)
    assert (found.state, found.due, found.due_before, len(found.counting.days), found.live) == (
        "running", date(2024, 1, 12), Governed().end("2024-01-12") + 1, 10, True,
    )  # fmt: skip
    life = Governed()
    exact = [read(life.state, life.rules, RUNNING, life.end("2024-01-12") + more).state for more in (0, 1)]
    assert exact == ["running", "lapsed"]
    assert due_of(life.state, life.rules, RUNNING) == date(2024, 1, 12)


def test_a_paused_clock_says_what_is_left_and_every_open_cause() -> None:
    closed = Pause("R", "flood", date(2024, 1, 2), date(2024, 1, 3))
    found = reading(replace(RUNNING, pauses=(*OPEN, closed)))
    assert (found.state, found.due, found.remaining, found.causes) == ("paused", None, 8, ("strike", "war"))
    assert [one.number for one in found.counting.days] == [None, 1, 2]


@pytest.mark.parametrize(
    ("changes", "state", "due"),
    [
        ({"pauses": OPEN, "stopped": date(2024, 1, 7)}, "met", None),
        ({"pauses": OPEN, "extended_to": date(2024, 2, 1)}, "paused", None),
        ({"pauses": OPEN, "extended_to": date(2024, 2, 1), "lapsed_by": "e"}, "lapsed", date(2024, 2, 1)),
        ({"extended_to": date(2024, 2, 1)}, "running", date(2024, 2, 1)),
        ({"pauses": TOLLED, "extended_to": date(2024, 2, 1)}, "running", date(2024, 2, 1)),
        ({"length": Length("promptly"), "extended_to": date(2024, 2, 1)}, "running", date(2024, 2, 1)),
        ({"length": Length("promptly"), "met": date(2024, 1, 5)}, "met", None),
        ({"length": Length("promptly")}, "unknown", None),
        ({"started": None}, "not_started", None),
        ({"started": None, "trigger": "unspecified"}, "not_started", None),
        ({"started": None, "length": Length("promptly")}, "unknown", None),
        ({"met": date(2024, 1, 12)}, "met", date(2024, 1, 12)),
        ({"met": date(2024, 1, 13)}, "lapsed", date(2024, 1, 12)),
        ({"stopped": date(2024, 1, 13)}, "lapsed", date(2024, 1, 12)),
        ({"lapsed_by": "e"}, "lapsed", date(2024, 1, 12)),
    ],
)  # fmt: skip
def test_a_clock_says_where_it_stands(changes: dict[str, Any], state: str, due: date | None) -> None:
    found = reading(replace(RUNNING, **changes))
    assert (found.state, found.due) == (state, due)
    assert found.live is (state in ("running", "paused", "not_started", "unknown"))


def test_a_clock_counted_backwards_leaves_out_the_days_off_of_whoever_owes_it() -> None:
    plus = [{"day": "2024-01-10", "party": "acme", "name": "leave"}]
    life = Governed(calendar={"places": ["WEEKENDS"], "plus": plus})
    clock = replace(RUNNING, length=Length("business_days", 2), before=True, stated=date(2024, 1, 12))
    dues = [due_of(life.state, life.rules, replace(clock, obligor=who)) for who in ("acme", "beta")]
    assert dues == [date(2024, 1, 9), date(2024, 1, 10)]


def test_a_clock_is_counted_on_its_own_calendar_or_on_the_default() -> None:
    calendars = {"banks": {"places": ["WEEKENDS"], "plus": ["2024-01-10"]}}
    life = Governed(calendars=calendars)
    clock = replace(RUNNING, length=Length("business_days", 7))
    dues = [due_of(life.state, life.rules, replace(clock, calendar=name)) for name in ("default", "banks", "gone")]
    assert dues == [date(2024, 1, 11), date(2024, 1, 12), date(2024, 1, 11)]


def test_a_version_binds_from_the_second_it_speaks() -> None:
    life = Governed()
    first = replace(life.state.charters[0], speaks_from=100)
    later = replace(first, version="2", speaks_from=200)
    state = Governance(charters=(first, later))
    assert [state.version_at(seconds).version for seconds in (0, 99, 100, 199, 200)] == ["1", "1", "1", "1", "2"]
    assert [Governance(charters=(first,)).version_at(seconds).version for seconds in (0, 100)] == ["1", "1"]


def test_an_open_item_moves_to_later_versions_that_bind_alone() -> None:
    life = Governed().raise_()
    [first] = life.state.charters
    later = replace(first, version="2", speaks_from=life.end("2024-02-01"))
    unsigned = replace(later, version="3", needs=("acme",))
    staying = replace(later, version="4", open_items="stay")
    now = life.end("2024-03-01")

    def judged(*charters: Any, version: str = "1", seconds: int = now) -> str:
        return Governance(charters=charters).version_of(replace(life.item(), version=version), seconds).version

    assert judged(first, later, unsigned, staying) == "2"
    assert judged(first, later, seconds=life.end("2024-01-31")) == "1"
    assert judged(first, staying) == "1"
    assert judged(later, first, version="1") == "1"
    assert judged(first, later, version="2") == "2"
    assert judged(first, later, version="lost") == "2"
    assert judged(first, later, version="lost", seconds=0) == "1"


def test_a_party_of_today_is_whoever_took_over_the_contract() -> None:
    life = Governed().tell("2024-01-03", "PartySucceeded", kind="assignment", old="acme", new="gamma")
    assert (life.state.today("acme"), life.state.today("beta")) == ("gamma", "beta")
    assert life.state.parties(life.rules) == ("gamma", "beta")
    assert PLAIN["parties"].keys() == {"acme", "beta"}


def test_a_decision_was_at_the_bodies_it_visited() -> None:
    life = Governed().raise_().tell("2024-01-20", "DecisionEscalated", decision="D", to="Officers", by="acme")
    assert [life.item().was_at(body) for body in ("JSC", "Officers", "court")] == [True, True, False]
