"""The measures over rows: a real history comes out as in its reference answers, and each convention holds."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.drawing.measures import PICTURES, picture
from domain.errors import Refused
from domain.events import decision as told
from domain.events.alliance import HistoryImported
from domain.events.body import MeetingHeld
from domain.events.event import Event
from domain.events.obligation import ClockPaused, ClockResumed
from domain.events.reorganization import ReorganizationAnnounced, ReorganizationCompleted
from projections.measures.asking import Change, Question, Rows
from projections.measures.every import MEASURES, ask
from tests.measures.folding import folded, peps
from tests.oracles import DAY, PEPS, epoch

CUT_OFF = epoch(PEPS["meta"]["cut_off"])
GOVERNANCE = PEPS["governance_change"]
COUNCIL = Change(
    name="council", old_until=epoch(GOVERNANCE["old_regime_until"]), new_from=epoch(GOVERNANCE["new_regime_from"])
)


def asked(name: str, rows: Rows, question: Question) -> dict[str, Any]:
    return ask(MEASURES[name], rows, question)


def of_peps(name: str, **words: Any) -> dict[str, Any]:
    return asked(name, peps(), replace(Question(effective_at=CUT_OFF, change=COUNCIL), **words))


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=5e-10)


def test_time_to_decision_over_the_rows_of_a_real_history() -> None:
    oracle, data = PEPS["time_to_first_decision"], of_peps("decision-times")
    assert (data["n"], data["observed"], data["censored"]) == (oracle["n"], oracle["observed"], oracle["censored"])
    assert data["excluded"] == {"first_seen_decided": PEPS["entered_already_decided"]}
    assert data["quantiles_days"] == close(oracle["km_quantiles_days"])
    assert data["interval"]["0.5"] == close(oracle["km_median_ci95_days_loglog"])
    assert data["interval"]["0.9"] == close(oracle["km_p90_ci95_days_loglog"])
    assert {str(p["days"]): p["estimate"] for p in data["survival"]} == close(oracle["km_survival_at_days"])
    assert data["rmst_days"] == close(oracle["rmst_days"])
    assert data["closed_only"]["median_days"] == close(oracle["naive_closed_only"]["median_days"])
    assert data["closed_only"]["p90_days"] == close(oracle["naive_closed_only"]["p90_days"])
    for ending, by_days in oracle["aalen_johansen_cif_at_days"].items():
        assert {str(p["days"]): p["incidence"] for p in data["endings"][ending]} == close(by_days)


def test_how_a_real_history_ends_beside_what_one_minus_km_would_claim() -> None:
    oracle, data = PEPS["time_to_first_decision"], of_peps("endings")
    for ending, by_days in oracle["one_minus_km_treating_other_causes_as_censoring_at_days"].items():
        claimed = {str(p["days"]): p["one_minus_survival"] for p in data["one_minus_survival"][ending]}
        assert claimed == close(by_days)
    assert data["counts"] == {k: v for k, v in PEPS["outcomes"].items() if k not in {"censored", "entered_decided"}}


def test_the_ways_to_end_are_shown_at_the_latest_age_that_somebody_was_watched() -> None:
    rows = folded("orion", [raised(0, "D1"), raised(0, "D2"), made(3, "D1")])
    data = asked("endings", rows, Question(effective_at=40 * DAY, at_days=(7, 30, 90)))
    (_, ways) = MEASURES["endings"].tables(data)
    assert ways.columns[2] == "chance by 30 days %"
    assert ways.rows == (("approve", 1, 0.5, 0.5),)


def test_where_the_time_of_a_real_history_went() -> None:
    data = of_peps("ball-in-court")
    assert data["adds_up"] is True
    found = {each["tier"]: each for each in data["by_tier"]}
    for stage, oracle in PEPS["sojourn_before_first_decision"].items():
        assert found[stage]["days"] == close(oracle["total_days"])
        n, d = found[stage]["share"]
        assert round(n / d, 6) == oracle["share"]


def test_whether_a_real_history_stays_decided() -> None:
    data, oracle = of_peps("durability"), PEPS["ping_pong"]
    found = {str(p["days"]): p["mean"] for p in data["mean_per_decision"]["reopenings"]}
    assert found == close(PEPS["reopenings_mean_cumulative_per_decision_at_days"])
    assert data["happened"]["reopenings"] == oracle["reopened_total"]
    steps = of_peps("ping-pong")["steps"]
    assert (steps["decisions_reopened"], steps["reversed"]) == (oracle["decisions_reopened"], oracle["reversed_total"])
    assert (steps["returned"], steps["decisions_returned"]) == (oracle["returned_total"], oracle["decisions_returned"])


def test_the_single_change_of_a_real_history() -> None:
    oracle, found = PEPS["single_change_point_log1p_days"], of_peps("change")["split"]
    assert {key: found[key] for key in ("n", "split_index", "first_decision_after")} == {
        key: oracle[key] for key in ("n", "split_index", "first_decision_after")
    }
    assert found["at"] == epoch(oracle["at"])
    assert found["geo_mean_before_days"] == close(oracle["geo_mean_before_days"])
    assert round(found["sse_reduction"], 6) == oracle["sse_reduction"]


@pytest.mark.parametrize("years", PEPS["little"])
def test_the_flow_of_a_real_history(years: str) -> None:
    oracle = PEPS["little"][years]
    data = of_peps("flow", window=tuple(oracle["window"]))["flow"]
    assert data["identity_holds"] is True
    assert data["arrivals"] == oracle["arrivals"]
    assert data["departures"] == oracle["departures"]
    assert data["area_decision_days"] == close(oracle["area_decision_days"])
    assert data["mean_open"] == close(oracle["mean_wip"])
    assert (data["open_at_start"], data["open_at_end"]) == (oracle["wip_at_start"], oracle["wip_at_end"])


def test_the_open_items_of_a_real_history() -> None:
    oracle, data = PEPS["ageing_wip_at_cut_off"], of_peps("ageing")
    assert data["open"]["n"] == oracle["open"]
    assert data["open"]["median_age_days"] == close(oracle["median_age_days"])
    assert data["open"]["p90_age_days"] == close(oracle["p90_age_days"])
    assert data["open"]["over_365"] == oracle["over_365"]
    chances = {row["age_days"]: row["chance"] for row in data["by_age"]}
    assert round(chances[1], 2) == 0.33
    assert len(data["open_items"]) == oracle["open"]


def test_a_change_that_looks_faster_does_not_survive_the_honest_baseline() -> None:
    data = of_peps("reorganization-effect")
    full, matched = data["against_all_before"], data["against_years_before"]
    assert full["log_rank"]["chi2"] == close(GOVERNANCE["logrank"]["chi2"])
    assert full["log_rank"]["p"] == close(GOVERNANCE["logrank"]["p"])
    assert full["log_rank"]["expected_before"] == close(GOVERNANCE["logrank"]["expected_old"])
    for years, name in (("5", "baseline_5y"), ("8", "baseline_8y")):
        oracle = GOVERNANCE["sensitivity"][name]
        assert matched[years]["before"]["n"] == oracle["n"]
        assert matched[years]["log_rank"]["p"] == close(oracle["p"])
    later = data["by_period"]["after"]
    period = GOVERNANCE["period_with_delayed_entry"]
    assert (later["n"], later["entered_late"], later["observed"]) == (
        period["n"],
        period["entered_late"],
        period["observed"],
    )
    assert later["open_after_365_days"] == close(period["S_at_365"])
    assert data["interregnum"]["decided"] == period["decided_in_interregnum"]
    by_year = data["interregnum"]["same_days_of_other_years"]
    assert by_year["2017"] == period["decided_in_same_span_one_year_earlier"]
    assert "look faster" in data["says"]
    assert "does not survive the honest baseline" in data["says"]


def at(day: int, fact: Event) -> tuple[int, Event]:
    return day * DAY, fact


def raised(day: int, decision: str, **words: Any) -> tuple[int, Event]:
    return at(day, told.DecisionRaised(decision=decision, **{"held_by": "party", "holder": "acme", **words}))


def made(day: int, decision: str, outcome: str = "approve", **words: Any) -> tuple[int, Event]:
    return at(day, told.DecisionMade(decision=decision, outcome=outcome, **words))


def observed(selected_on: Any = "none") -> tuple[int, Event]:
    return at(0, HistoryImported(source="log", sha256="0" * 64, rows=1, decisions=1, selected_on=selected_on))


def test_what_happened_after_the_instant_had_not_happened() -> None:
    rows = folded("orion", [raised(0, "D1"), made(10, "D1"), raised(20, "D2"), made(25, "D2")])
    data = asked("decision-times", rows, Question(effective_at=5 * DAY))
    assert (data["n"], data["observed"], data["censored"]) == (1, 0, 1)
    assert data["excluded"] == {"not_yet_raised": 1}
    later = asked("decision-times", rows, Question(effective_at=30 * DAY))
    assert (later["n"], later["observed"]) == (2, 2)


def test_a_transfer_out_of_the_alliance_is_censored_and_counted() -> None:
    moved = at(10, told.DecisionTransferred(decision="D1", outside=True))
    data = asked("decision-times", folded("orion", [raised(0, "D1"), moved]), Question(effective_at=30 * DAY))
    assert (data["n"], data["observed"], data["transferred_out"]) == (1, 0, 1)


def test_what_was_under_way_enters_late_and_what_was_never_seen_open_is_left_out() -> None:
    inherited = told.DecisionInherited(decision="D1", status="open", since=0, entered_at=10 * DAY)
    unknown = told.DecisionInherited(decision="D2", status="open")
    rows = folded("orion", [at(10, inherited), at(10, unknown), raised(0, "D3"), made(5, "D3"), made(20, "D1")])
    data = asked("decision-times", rows, Question(effective_at=30 * DAY, at_days=(5, 20)))
    assert (data["n"], data["entered_late"], data["excluded"]) == (2, 1, {"start_unknown": 1})
    assert [point["at_risk"] for point in data["survival"]] == [1, 1]


def test_pauses_are_removed_from_the_active_clock_as_a_union() -> None:
    facts = [
        raised(0, "D1"),
        at(2, ClockPaused(decision="D1", pause="P1")),
        at(4, ClockPaused(decision="D1", pause="P2")),
        at(6, ClockResumed(decision="D1", pause="P1")),
        at(7, ClockResumed(decision="D1", pause="P2")),
        made(10, "D1"),
    ]
    question = Question(effective_at=30 * DAY, clock="active")
    data = asked("decision-times", folded("orion", facts), question)
    assert data["quantiles_days"]["0.5"] == 5
    assert data["clock"] == {"name": "active"}


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_no_measure_claims_a_clock_that_it_does_not_count_by(name: str) -> None:
    facts = [
        raised(0, "D1", tier="low"),
        at(2, ClockPaused(decision="D1")),
        at(5, ClockResumed(decision="D1")),
        made(10, "D1"),
    ]
    rows = folded("orion", [*facts, raised(0, "D2", tier="low"), made(10, "D2")])
    question = Question(effective_at=30 * DAY, change=Change(name="x", old_until=1 * DAY, new_from=2 * DAY))
    elapsed, active = (asked(name, rows, replace(question, clock=clock)) for clock in ("elapsed", "active"))
    claimed = active.pop("clock")["name"]
    assert claimed == ("elapsed" if "counts elapsed time, not active time" in active.pop("flags") else "active")
    follows = any(value != elapsed[key] for key, value in active.items())
    assert follows <= (claimed == "active")
    assert follows or name not in {"decision-times", "endings", "ageing", "ping-pong"}


def test_an_instant_after_what_was_watched_is_flagged() -> None:
    seen = HistoryImported(source="log", sha256="0" * 64, rows=1, decisions=1, cut_off=20 * DAY)
    rows = folded("orion", [at(20, seen), raised(0, "D1")])
    assert asked("decision-times", rows, Question(effective_at=20 * DAY))["flags"] == []
    (flag,) = asked("decision-times", rows, Question(effective_at=21 * DAY))["flags"]
    assert flag == "log was watched until 1970-01-21 only: what it left open counts as open ever since"


def test_a_clock_that_goes_backwards_is_counted_once_though_the_import_counted_it_too() -> None:
    imported = HistoryImported(source="log", sha256="0" * 64, rows=4, decisions=1, clamped=1)
    facts = [
        (0, imported),
        raised(0, "D1"),
        at(4, ClockPaused(decision="D1")),
        at(3, ClockResumed(decision="D1")),
        made(9, "D1"),
    ]
    assert asked("ladder", folded("orion", facts), Question(effective_at=30 * DAY))["clocks_backwards"] == 1


def test_a_history_selected_on_its_closing_date_refuses_cohort_figures_and_flags_the_rest() -> None:
    rows = folded("orion", [observed("end"), raised(0, "D1"), made(5, "D1")])
    question = Question(effective_at=30 * DAY, change=Change(name="x", old_until=3 * DAY, new_from=4 * DAY))
    for name in ("flow", "reorganization-effect", "forecast"):
        with pytest.raises(Refused, match="it holds what ended in a period"):
            asked(name, rows, question)
    assert "selected on the closing date" in asked("decision-times", rows, question)["flags"][0]


def test_the_time_of_one_decision_is_shared_out_among_its_holders() -> None:
    facts = [
        raised(0, "D1", held_by="party", holder="B", tier="T1"),
        at(4, told.InformationRequested(decision="D1", of="A", held_by="party", holder="A")),
        at(9, told.InformationProvided(decision="D1", by="A", held_by="party", holder="B")),
        at(11, told.DecisionEscalated(decision="D1", held_by="joint", tier="T2", rank=2)),
        at(25, told.DecisionReturned(decision="D1", held_by="party", holder="A", tier="T1", rank=1)),
        at(28, told.InformationProvided(decision="D1", by="A", held_by="party", holder="B")),
        at(30, told.DecisionEscalated(decision="D1", held_by="joint", tier="T2", rank=2)),
        made(44, "D1"),
    ]
    data = asked("ball-in-court", folded("orion", facts), Question(effective_at=50 * DAY))
    shares = {each["holder"]: each["share"] for each in data["by_holder"]}
    assert shares == {"party:B": [2, 11], "party:A": [2, 11], "joint": [7, 11]}
    assert {each["tier"]: each["days"] for each in data["by_tier"]} == {"T1": 16, "T2": 28}
    efficiency = asked("alignment-efficiency", folded("orion", facts), Question(effective_at=50 * DAY))
    assert efficiency["open_days"] == {
        "worked": 0,
        "waiting": 5,
        "rework": 19,
        "unowned": 0,
        "in_hand": 20,
        "total": 44,
    }
    assert efficiency["responsiveness"]["by_party"]["A"] == {"n": 2, "median_days": 3, "p90_days": 5}
    steps = asked("ladder", folded("orion", facts), Question(effective_at=50 * DAY))
    assert (steps["escalations"], steps["returns"], steps["straight_back"]) == (2, 1, 2)


def test_reported_work_narrows_the_band_of_efficiency() -> None:
    work = told.WorkReported.model_validate({"decision": "D1", "party": "acme", "from": 2 * DAY, "to": 5 * DAY})
    rows = folded("orion", [raised(0, "D1"), at(6, work), made(10, "D1")])
    data = asked("alignment-efficiency", rows, Question(effective_at=20 * DAY))
    assert data["efficiency"] == [[3, 10], [1, 1]]


def test_a_question_that_goes_straight_back_is_counted_with_the_pair_between_whom() -> None:
    handed = [
        at(day, told.InformationRequested(decision="D1", of=who, held_by="party", holder=who))
        for day, who in ((1, "globex"), (2, "acme"), (3, "globex"))
    ]
    data = asked(
        "ping-pong", folded("orion", [raised(0, "D1"), *handed, made(9, "D1")]), Question(effective_at=9 * DAY)
    )
    assert (data["handovers"], data["bounces"], data["bounce_ratio"]) == (3, 2, [1, 1])
    assert data["worst_pairs"] == [{"between": ["party:acme", "party:globex"], "bounces": 2}]


def test_the_first_hand_over_of_each_decision_could_not_have_gone_back() -> None:
    back = [
        at(day, told.InformationRequested(decision="D1", of=who, held_by="party", holder=who))
        for day, who in ((1, "globex"), (2, "acme"))
    ]
    once = [
        (
            raised(0, name),
            at(1, told.InformationRequested(decision=name, of="globex", held_by="party", holder="globex")),
        )
        for name in ("D2", "D3")
    ]
    facts = [raised(0, "D1"), *back, *(fact for facts in once for fact in facts)]
    data = asked("ping-pong", folded("orion", facts), Question(effective_at=9 * DAY))
    assert (data["handovers"], data["bounces"], data["bounce_ratio"]) == (4, 1, [1, 1])


def test_groups_answer_each_for_itself_and_a_comparison_says_that_they_differ() -> None:
    facts = [raised(0, f"F{i}", matter="fast") for i in range(20)] + [
        raised(0, f"S{i}", matter="slow") for i in range(20)
    ]
    facts += [made(2 + i % 3, f"F{i}") for i in range(20)] + [made(40 + i % 3, f"S{i}") for i in range(20)]
    data = asked("decision-times", folded("orion", facts), Question(effective_at=99 * DAY, group_by="matter"))
    assert {name: group["quantiles_days"]["0.5"] for name, group in data["groups"].items()} == {"fast": 3, "slow": 41}
    assert data["groups_differ"]["p"] < 1e-6


@pytest.mark.parametrize(
    ("by", "expected"),
    [("kind", {"approve"}), ("risk", {"high"}), ("body", {"JSC"}), ("tier", {"T1"}), ("party", {"globex"})],
)
def test_decisions_are_grouped_by_what_they_say_of_themselves(by: str, expected: set[str]) -> None:
    facts = [raised(0, "D1", body="JSC", by="globex", tier="T1", attributes={"risk": "high"}), made(1, "D1")]
    data = asked("decision-times", folded("orion", facts), Question(effective_at=9 * DAY, group_by=by))
    assert set(data["groups"]) == expected


def test_an_attribute_that_no_decision_has_is_refused_with_those_there_are() -> None:
    rows = folded("orion", [raised(0, "D1", attributes={"risk": "high"})])
    for question in (Question(effective_at=9, group_by="rsik"), Question(effective_at=9, where={"rsik": "high"})):
        with pytest.raises(Refused, match=r"no decision has an attribute 'rsik'.*risk"):
            asked("decision-times", rows, question)


def test_decisions_are_grouped_by_the_parties_between_whom_they_went() -> None:
    asked_of = told.InformationRequested(decision="D1", of="globex", held_by="party", holder="globex")
    rows = folded("orion", [raised(0, "D1"), at(2, asked_of), raised(0, "D2")])
    data = asked("ping-pong", rows, Question(effective_at=9 * DAY, group_by="parties"))
    assert {name: group["n"] for name, group in data["groups"].items()} == {"acme": 1, "acme and globex": 1}
    assert MEASURES["ping-pong"].groups_table(data).rows == (
        ("acme", 1, 0, 1, 0, 0),
        ("acme and globex", 1, 0, 1, 1, 0),
    )


def test_before_a_change_is_what_was_raised_before_it_as_it_stood_then() -> None:
    data = of_peps("decision-times", group_by="change")
    before, after = data["groups"]["before"], data["groups"]["after"]
    assert (before["n"], before["observed"]) == (GOVERNANCE["old_cohort"]["n"], GOVERNANCE["old_cohort"]["observed"])
    assert before["quantiles_days"]["0.5"] == close(GOVERNANCE["old_cohort"]["km_median_days"])
    assert after["quantiles_days"]["0.5"] == close(GOVERNANCE["new_cohort"]["km_median_days"])


def test_only_the_decisions_asked_about_are_counted() -> None:
    rows = folded("orion", [raised(0, "D1", matter="pricing"), raised(0, "D2", matter="clinical")])
    data = asked("decision-times", rows, Question(effective_at=9 * DAY, where={"matter": "pricing"}))
    assert data["n"] == 1


def test_uneven_meetings_make_a_question_wait() -> None:
    held = [at(day, MeetingHeld(body="JSC")) for day in (0, 7, 14, 42)]
    data = asked("cadence", folded("orion", held), Question(effective_at=99 * DAY))
    assert data["bodies"]["orion/JSC"]["wait_days"] == 10.5
    assert data["bodies"]["orion/JSC"]["half_mean_gap_days"] == 7


def test_the_last_reorganization_is_the_change_where_none_is_named() -> None:
    facts = [raised(day, f"D{day}") for day in range(0, 60, 2)] + [made(day + 5, f"D{day}") for day in range(0, 60, 2)]
    facts += [
        at(30, ReorganizationAnnounced(reorganization="R", party="globex")),
        at(35, ReorganizationCompleted(reorganization="R")),
    ]
    data = asked("reorganization-effect", folded("orion", facts), Question(effective_at=99 * DAY))
    assert data["change"] == {"name": "R", "old_until": 30 * DAY, "new_from": 35 * DAY}
    with pytest.raises(Refused, match="name the date of a change"):
        asked("reorganization-effect", folded("orion", [raised(0, "D1")]), Question(effective_at=9 * DAY))


def test_a_record_too_young_for_a_baseline_of_its_own_claims_no_effect() -> None:
    facts = [raised(day, f"D{day}") for day in range(0, 60, 2)]
    facts += [made(day + (2 if day < 30 else 20), f"D{day}") for day in range(0, 60, 2)]
    change = Change(name="x", old_until=30 * DAY, new_from=30 * DAY)
    data = asked("reorganization-effect", folded("orion", facts), Question(effective_at=99 * DAY, change=change))
    assert "look slower" in data["says"]
    assert "shows a difference and no effect" in data["says"]


def test_who_said_the_last_word_is_counted_by_body_and_party() -> None:
    facts = [raised(0, "D1"), made(1, "D1", body="JSC", by="acme"), raised(0, "D2"), made(2, "D2", body="JSC")]
    data = asked("load", folded("orion", facts), Question(effective_at=9 * DAY))
    assert data["by_body"] == [{"who": "JSC", "decisions": 2, "share": [1, 1]}]
    assert {each["who"]: each["share"] for each in data["by_party"]} == {"acme": [1, 2], "not stated": [1, 2]}


@pytest.mark.parametrize("name", sorted(set(MEASURES) - {"reorganization-effect"}))
def test_every_measure_answers_for_nothing_at_all(name: str) -> None:
    data = asked(name, Rows(), Question(effective_at=0))
    assert data["n"] == 0
    assert MEASURES[name].tables(data)


@pytest.mark.parametrize("instant", ["1999-01-01", "2000-09-01", "2013-05-05", "2040-01-01"])
@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_answers_for_any_instant_and_can_be_shown(name: str, instant: str) -> None:
    data = of_peps(name, effective_at=epoch(f"{instant}T00:00:00+00:00"), drawn=True, cycles="all")
    assert data["n"] >= 0
    assert all(table.columns for table in MEASURES[name].tables(data))
    assert (picture(name, data) is not None) == (name in PICTURES and data["n"] > 0)


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_answer_says_what_it_counted_and_against_what(name: str) -> None:
    data = of_peps(name)
    for word in ("n", "observed", "censored", "excluded", "window", "clock", "baseline", "flags", "clocks_backwards"):
        assert word in data
    assert data["baseline"] is not None
