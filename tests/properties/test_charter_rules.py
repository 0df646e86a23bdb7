"""What holds of clocks, the clerk and authority whatever the calendar, the charter and the history."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.charter_files import compile_charter, read_charter
from domain.calendars import Calendar, Closure
from domain.charter.rules import Rules
from domain.clocks import Length, Pause, count, start_of
from domain.governance.authority import authority
from domain.governance.clerk import due_reports
from domain.governance.fold import evolve
from domain.governance.judging import faults
from domain.governance.replaying import clerked
from domain.governance.state import CharterVersion, Governance
from domain.governance.timing import due_of
from domain.governance.told import Told

ROOT = Path(__file__).resolve().parents[2]
CHARTERS = sorted(path.stem for path in (ROOT / "examples" / "charters").glob("*.yaml"))
FIRST = date(2018, 1, 1)
DAYS = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))
LENGTHS = st.builds(
    Length,
    st.sampled_from(["business_days", "calendar_days", "weeks", "months"]),
    st.integers(min_value=0, max_value=40),
)
CLOSURES = st.frozensets(DAYS, max_size=25)


def calendar(closed: frozenset[date]) -> Calendar:
    days = {day: (Closure(day=day, name="closed"),) for day in closed}
    return Calendar("any", date(2017, 1, 1), date(2030, 1, 1), days)


def pause(number: int, since: date, length: int) -> Pause:
    return Pause(f"P{number}", "dispute", since, since + timedelta(days=length))


PAUSES = st.lists(st.tuples(DAYS, st.integers(0, 30)), max_size=4).map(
    lambda found: [pause(number, since, length) for number, (since, length) in enumerate(found)]
)


@given(LENGTHS, DAYS, CLOSURES, CLOSURES, PAUSES)
def test_more_closures_never_make_a_due_day_earlier(
    length: Length, start: date, some: frozenset[date], more: frozenset[date], pauses: list[Pause]
) -> None:
    before = count(length, start, calendar(some), pauses=pauses, roll="forward").due
    after = count(length, start, calendar(some | more), pauses=pauses, roll="forward").due
    assert before is not None
    assert after is not None
    assert before <= after


@given(LENGTHS, DAYS, CLOSURES, PAUSES.filter(lambda found: len(found) < 4))
def test_pauses_commute_and_a_repeated_pause_changes_nothing(
    length: Length, start: date, closed: frozenset[date], pauses: list[Pause]
) -> None:
    found = {count(length, start, calendar(closed), pauses=order).due for order in permutations(pauses)}
    assert found == {count(length, start, calendar(closed), pauses=[*pauses, *pauses]).due}


@given(LENGTHS, DAYS, CLOSURES, PAUSES)
def test_the_counting_numbers_every_counted_day_and_reasons_every_other(
    length: Length, start: date, closed: frozenset[date], pauses: list[Pause]
) -> None:
    counting = count(length, start, calendar(closed), pauses=pauses)
    numbers = [day.number for day in counting.days if day.number is not None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [day.day for day in counting.days] == [start + timedelta(days=n + 1) for n in range(len(counting.days))]
    assert all(day.skipped for day in counting.days if day.number is None)


@cache
def rules_of(name: str) -> Rules:
    return compile_charter(read_charter(ROOT / "examples" / "charters" / f"{name}.yaml"), adopted=FIRST)


def told(rules: Rules, number: int, day: date, name: str, **fields: Any) -> Told:
    return Told(name, fields, start_of(day, rules.zone), day, f"e{number}", start_of(day, rules.zone))


STEPS = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.sampled_from(["meeting", "notice", "attention", "position", "escalate", "experts", "approve", "wait"]),
        st.integers(0, 5),
    ),
    max_size=8,
)


def history(rules: Rules, matter: int, steps: Sequence[tuple[int, str, int]]) -> Iterator[Told]:
    """Yield a raised decision, then what happens to it: facts alone, none that a charter calls an explicit change."""
    names = list(rules.charter.matters) or ["default"]
    name = names[matter % len(names)]
    bodies = [body for body in rules.charter.bodies if rules.charter.bodies[body].tier is not None] or ["JSC"]
    start = (rules.matter(name).start_bodies or tuple(bodies))[0]
    parties = rules.parties
    day = FIRST + timedelta(days=31)
    yield told(rules, 0, day, "DecisionRaised", decision="D", body=start, matter=name)
    for number, (wait, what, which) in enumerate(steps, start=1):
        day += timedelta(days=wait)
        party, body = parties[which % len(parties)], bodies[which % len(bodies)]
        match what:
            case "meeting":
                result = [{"decision": "D", "result": "no_consensus"}]
                yield told(rules, number, day, "MeetingHeld", body=body, considered=result)
            case "notice" | "attention":
                about = "dispute" if what == "notice" else "brought_to_attention"
                yield told(rules, number, day, "NoticeReceived", notice=f"N{number}", decision="D", about=about)
            case "position":
                yield told(rules, number, day, "PositionStated", decision="D", party=party, position=party)
            case "escalate":
                yield told(
                    rules, number, day, "DecisionEscalated", decision="D", to=body, by=party, notice_received=day
                )
            case "experts":
                yield told(rules, number, day, "ExpertsSelected", decision="D", experts=["x"])
            case "approve":
                yield told(rules, number, day, "ApprovalGiven", decision="D", party=party)


def begun(rules: Rules) -> Governance:
    return Governance(charters=(CharterVersion("1", rules, speaks_from=0, needs=()),))


def dues(state: Governance, rules: Rules) -> dict[tuple[Any, ...], date]:
    return {
        (item.id, item.cycle, clock.visit, clock.id, clock.kind): due
        for item in state.items.values()
        for clock in item.clocks
        if (due := due_of(state, rules, clock)) is not None
    }


@given(st.sampled_from(CHARTERS), st.integers(0, 10), STEPS)
@settings(deadline=None)
def test_a_due_day_that_was_told_never_moves_without_an_explicit_event(
    name: str, matter: int, steps: list[tuple[int, str, int]]
) -> None:
    rules, seen = rules_of(name), dict[tuple[Any, ...], date]()
    state = begun(rules)
    for event in history(rules, matter, steps):
        state = evolve(clerked(state, event.seconds), event)
        now = dues(state, rules)
        assert {key: now[key] for key in seen if key in now} == {key: seen[key] for key in seen if key in now}
        seen |= now


@given(
    st.sampled_from(CHARTERS),
    st.integers(0, 10),
    STEPS,
    st.lists(st.integers(0, 400), max_size=6),
)
@settings(deadline=None)
def test_a_clerk_run_at_any_set_of_instants_writes_the_same_events(
    name: str, matter: int, steps: list[tuple[int, str, int]], instants: list[int]
) -> None:
    rules = rules_of(name)
    events = list(history(rules, matter, steps))
    last = events[-1].seconds + 500 * 86_400

    def written(runs: Sequence[int]) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        state = begun(rules)
        timeline = sorted([(event.seconds, 1, event) for event in events] + [(run, 0, None) for run in runs],
                          key=lambda one: (one[0], one[1]))  # fmt: skip
        for seconds, _, event in timeline:
            state = run_clerk(state, seconds, found)
            state = evolve(state, event) if event else state
            state = run_clerk(state, seconds, found)
        run_clerk(state, last, found)
        return found

    extra = [events[0].seconds + day * 86_400 for day in instants]
    assert sorted(written(extra)) == sorted(written([]))


def run_clerk(state: Governance, now: int, found: list[tuple[str, ...]]) -> Governance:
    while due := due_reports(state, now):
        found.append((due[0].name, str(due[0].seconds), *due[0].identity))
        state = clerked_once(state, now)
    return state


def clerked_once(state: Governance, now: int) -> Governance:
    report = due_reports(state, now)[0]
    rules = state.rules_at(report.seconds)
    day = FIRST + timedelta(days=(report.seconds - start_of(FIRST, rules.zone) + 7_200) // 86_400)
    return evolve(state, Told(report.name, report.fields, report.seconds, day, "/".join(report.identity), now))


@given(st.sampled_from(CHARTERS), st.integers(0, 10), STEPS, st.integers(0, 40))
@settings(deadline=None)
def test_explain_and_the_judge_agree_on_who_may_decide_and_who_may_go_up(
    name: str, matter: int, steps: list[tuple[int, str, int]], later: int
) -> None:
    rules = rules_of(name)
    state = begun(rules)
    for event in history(rules, matter, steps):
        state = evolve(clerked(state, event.seconds), event)
    now = event.seconds + later * 86_400
    state = clerked(state, now)
    item = state.item("decision", "D")
    assert item is not None
    day = event.day + timedelta(days=later)
    found = authority(state, rules, item, now)
    bodies = [body for body in rules.charter.bodies if item.was_at(body)]
    asked = Told("DecisionMade", {"decision": "D", "outcome": "approve", "method": "consensus"}, now, day, "ask", now)
    for who in (*rules.parties, *bodies):
        may = any(one.who == who and one.act == "decide" for one in found)
        wish = replace(asked, fields={**asked.fields, "by": who})
        assert (faults(state, wish) == []) == may, (who, may, faults(state, wish))
    for who in rules.parties:
        ways = {one.to for one in found if one.who == who and one.act in ("escalate", "mediate", "arbitrate", "sue")}
        for to in {step.to for step in rules.charter.ladder if item.place in step.at and step.to}:
            wish = Told("DecisionEscalated", {"decision": "D", "to": to, "by": who}, now, day, "ask", now)
            assert (faults(state, wish) == []) == (to in ways), (who, to, ways, faults(state, wish))
