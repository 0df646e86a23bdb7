"""Each rule of a measure, alone: what is counted, from when, until when, and what is left out."""

from datetime import date
from typing import Any

from domain.events import decision as told
from domain.events.charter import CharterAdopted
from domain.events.decision import DecisionOrphaned
from domain.events.event import Event
from domain.events.reorganization import ReorganizationAnnounced
from projections.estimators.working_time import Closures
from projections.measures.asking import Change, Question, Rows, WorkCalendar
from projections.measures.every import MEASURES, ask
from tests.measures.folding import Fact, folded
from tests.oracles import DAY


def at(day: int, fact: Event) -> Fact:
    return day * DAY, fact


def raised(day: int, decision: str, **words: Any) -> Fact:
    said = {"decision": decision, "held_by": "party", "holder": "acme", "body": "T1", "tier": "T1", "rank": 1}
    return at(day, told.DecisionRaised.model_validate(said | words))


def made(day: int, decision: str, **words: Any) -> Fact:
    return at(day, told.DecisionMade(decision=decision, outcome="approve", **words))


def asked(name: str, rows: Rows, day: int, **words: Any) -> dict[str, Any]:
    return ask(MEASURES[name], rows, Question(effective_at=day * DAY, **words))


def test_what_was_raised_at_the_very_instant_is_counted() -> None:
    data = asked("decision-times", folded("orion", [raised(5, "D1")]), 5)
    assert (data["n"], data["excluded"]) == (1, {})


def test_what_ended_before_it_was_watched_is_left_out() -> None:
    gone = told.DecisionInherited(decision="D1", status="open", since=0, entered_at=9 * DAY)
    data = asked("decision-times", folded("orion", [at(9, gone), made(4, "D1")]), 20)
    assert (data["n"], data["excluded"]) == (0, {"never_observed": 1})


def test_a_reorganization_that_comes_later_is_no_change_yet() -> None:
    told_of = [
        at(30, ReorganizationAnnounced(reorganization="R1", party="globex")),
        at(60, ReorganizationAnnounced(reorganization="R2", party="globex")),
    ]
    rows = folded("orion", [raised(0, "D1"), *told_of])
    assert asked("reorganization-effect", rows, 50)["change"]["name"] == "R1"
    assert asked("reorganization-effect", rows, 70)["change"]["name"] == "R2"


def test_the_days_between_are_compared_with_other_years_only() -> None:
    year = 365
    facts = [fact for n in range(4) for fact in (raised(n * year, f"D{n}"), made(n * year + 50, f"D{n}"))]
    change = Change(name="x", old_until=(year + 40) * DAY, new_from=(year + 60) * DAY)
    between = asked("reorganization-effect", folded("orion", facts), 4 * year, change=change)["interregnum"]
    assert between["decided"] == 1
    assert "1971" not in between["same_days_of_other_years"]
    assert between["same_days_of_other_years"] == {"1970": 1, "1972": 1, "1973": 1}


def test_a_reopening_that_comes_later_has_not_happened() -> None:
    again = at(30, told.DecisionReopened(decision="D1", tier="T1"))
    rows = folded("orion", [raised(0, "D1"), made(10, "D1"), again])
    assert asked("durability", rows, 20)["happened"]["reopenings"] == 0
    assert asked("durability", rows, 20)["naive_share_reopened"] == 0
    assert asked("durability", rows, 40)["happened"]["reopenings"] == 1


def test_what_was_transferred_out_is_no_longer_open() -> None:
    gone = at(5, told.DecisionTransferred(decision="D1", outside=True))
    data = asked("ageing", folded("orion", [raised(0, "D1"), gone, raised(0, "D2")]), 9)
    assert [item["decision"] for item in data["open_items"]] == ["D2"]


def test_a_later_cycle_is_rework_throughout() -> None:
    again = at(20, told.DecisionReopened(decision="D1", tier="T1", held_by="party", holder="acme"))
    rows = folded("orion", [raised(0, "D1"), made(10, "D1"), again, made(25, "D1")])
    assert asked("alignment-efficiency", rows, 30, cycles="all")["open_days"]["rework"] == 5
    assert asked("alignment-efficiency", rows, 30)["open_days"]["rework"] == 0


def test_what_nobody_holds_is_unowned() -> None:
    rows = folded("orion", [raised(0, "D1"), at(4, DecisionOrphaned(decision="D1", body="T1")), made(10, "D1")])
    assert asked("alignment-efficiency", rows, 30)["open_days"]["unowned"] == 6


def test_effort_reported_later_is_not_yet_known() -> None:
    words = {"decision": "D1", "party": "acme", "from": DAY, "to": 3 * DAY, "hours": 5, "people": 2, "meetings": 1}
    rows = folded("orion", [raised(0, "D1"), at(4, told.WorkReported.model_validate(words))])
    assert asked("alignment-efficiency", rows, 9)["effort_reported"] == {"hours": 5, "people": 2, "meetings": 1}
    assert asked("alignment-efficiency", rows, 2)["effort_reported"]["hours"] == 0


def test_contested_time_stands_beside_the_shares_and_changes_none() -> None:
    contest = [
        at(2, told.HolderContested(decision="D1", party="acme")),
        at(5, told.HolderContestEnded(decision="D1", party="acme")),
    ]
    plain, contested = (folded("orion", [raised(0, "D1"), *more, made(10, "D1")]) for more in ([], contest))
    data = asked("ball-in-court", contested, 20)
    assert data["contested_days"] == {"acme": 3}
    assert data["by_holder"] == asked("ball-in-court", plain, 20)["by_holder"]


def test_a_forecast_counts_whole_weeks_back_from_the_instant() -> None:
    facts = [fact for n in range(4) for fact in (raised(0, f"D{n}"), made(7 * n + 1, f"D{n}"))]
    data = asked("forecast", folded("orion", facts), 28, history_weeks=4, weeks=2)
    assert data["weekly_history"] == [1, 1, 1, 1]
    assert [each["at_least"] for each in data["commitments"]] == [2, 2, 2, 2]


def test_the_running_sum_learns_from_the_first_third_and_sounds_for_slowness() -> None:
    facts = []
    for number in range(60):
        lasted = 1 + number % 2 if number < 30 else 40
        facts += [raised(number * 50, f"D{number:02}"), made(number * 50 + lasted, f"D{number:02}")]
    running = asked("change", folded("orion", sorted(facts, key=lambda fact: fact[0])), 4_000)["cusum"]
    assert running["learned_from_first"] == 20
    assert running["alarms"]["slower"]["decision"] == "D30"
    assert running["alarms"]["faster"] is None


def test_each_cycle_has_its_own_visits() -> None:
    again = at(20, told.DecisionReopened(decision="D1", tier="T2", rank=2))
    rows = folded("orion", [raised(0, "D1"), made(10, "D1"), again, made(25, "D1")])
    first = {tier["tier"]: tier["entered"] for tier in asked("ladder", rows, 30)["tiers"]}
    every = {tier["tier"]: tier["entered"] for tier in asked("ladder", rows, 30, cycles="all")["tiers"]}
    assert (first, every) == ({"T1": 1}, {"T1": 1, "T2": 1})


def test_a_decision_belongs_to_the_charter_version_in_force_when_it_was_raised() -> None:
    versions = [at(20, CharterAdopted(version="2")), at(0, CharterAdopted(version="1"))]
    rows = folded("orion", [*versions, raised(5, "D1"), raised(25, "D2"), raised(20, "D3")])
    groups = asked("decision-times", rows, 30, group_by="charter_version")["groups"]
    assert {name: group["n"] for name, group in groups.items()} == {"1": 1, "2": 2}


def test_closing_work_after_the_end_moves_no_turn_and_a_later_ending_none_either() -> None:
    moved = at(12, told.InformationRequested(decision="D1", of="globex", held_by="party", holder="globex"))
    rows = folded("orion", [raised(0, "D1"), made(10, "D1"), moved, made(15, "D1")])
    data = asked("ball-in-court", rows, 30)
    assert [(each["holder"], each["days"]) for each in data["by_holder"]] == [("party:acme", 10)]
    assert data["adds_up"] is True


def test_business_days_are_the_holders_own_and_the_joint_ones_while_a_body_holds_it() -> None:
    mondays = {"acme": date(1970, 1, 12), "globex": date(1970, 1, 19)}
    calendars = {party: WorkCalendar(Closures(frozenset({day}))) for party, day in mondays.items()}
    handed = at(14, told.InformationRequested(decision="D1", of="globex", held_by="party", holder="globex"))
    facts = [raised(4, "D1"), handed, made(25, "D1"), raised(4, "D2", held_by="body", holder="JSC"), made(25, "D2")]
    rows = folded("orion", facts)
    words: dict[str, Any] = {"clock": "business", "calendars": calendars}
    assert asked("decision-times", rows, 40, where={"decision": "D1"}, **words)["quantiles_days"]["0.5"] == 13
    assert asked("decision-times", rows, 40, where={"decision": "D2"}, **words)["quantiles_days"]["0.5"] == 13
    one = {"clock": "business", "calendars": {"acme": WorkCalendar(Closures(frozenset({date(1970, 1, 20)})))}}
    assert asked("decision-times", rows, 40, where={"decision": "D1"}, **one)["quantiles_days"]["0.5"] == 14


def test_a_decision_made_where_it_stands_is_one_visit() -> None:
    data = asked("ladder", folded("orion", [raised(0, "D1"), made(10, "D1", body="T1")]), 30)
    assert [(tier["tier"], tier["visits"], tier["decided"]) for tier in data["tiers"]] == [("T1", 1, 1)]
