"""A real history of 741 decisions comes out as four independent programs say, integers exactly, the rest to 1e-6."""

from math import expm1
from typing import Any

import pytest

from projections.estimators.at_risk import Span
from projections.estimators.change_point import best_split
from projections.estimators.competing_risks import EndingSpan, Incidence, aalen_johansen, one_minus_survival
from projections.estimators.flow import Stay, flow
from projections.estimators.follow_up import YEAR_SECONDS, Life, cohort, split
from projections.estimators.holding import Turn, holding
from projections.estimators.log_rank import log_rank
from projections.estimators.recurrence import nelson_aalen
from projections.estimators.samples import log_days, sample
from projections.estimators.survival import SurvivalCurve, kaplan_meier
from tests.oracles import DAY, PEPS, epoch, peps_rows

CUT_OFF = epoch(PEPS["meta"]["cut_off"])
DECIDED = PEPS["time_to_first_decision"]
CHANGE = PEPS["governance_change"]
STANDARDS_SEEN_ONLY_IN_REVISIONS = {"2013": 1, "2016": 1}
"""Proposals that became a standard in a revision, which the events kept here leave out."""


@pytest.fixture(scope="module")
def cases() -> list[dict[str, str]]:
    return [row for row in peps_rows("cases") if row["outcome"] != "entered_decided"]


@pytest.fixture(scope="module")
def lives(cases: list[dict[str, str]]) -> list[Life]:
    return [Life(epoch(c["opened"]), epoch(c["ended"] or PEPS["meta"]["cut_off"]), c["observed"] == "1") for c in cases]


@pytest.fixture(scope="module")
def curve(cases: list[dict[str, str]]) -> SurvivalCurve:
    return kaplan_meier([Span(0, int(case["duration_s"]), case["observed"] == "1") for case in cases])


@pytest.fixture(scope="module")
def endings(cases: list[dict[str, str]]) -> list[EndingSpan]:
    return [EndingSpan(0, int(c["duration_s"]), c["outcome"] if c["observed"] == "1" else None) for c in cases]


@pytest.fixture(scope="module")
def incidence(endings: list[EndingSpan]) -> Incidence:
    return aalen_johansen(endings)


def close(value: float) -> Any:
    return pytest.approx(value, rel=1e-6, abs=5e-10)


def days(seconds: Any) -> float | None:
    return None if seconds is None else float(seconds) / DAY


def spans(lives: list[Life]) -> list[Span]:
    return [life.span() for life in lives]


def test_those_first_seen_decided_are_excluded_from_durations_and_counted(cases: list[dict[str, str]]) -> None:
    assert len(peps_rows("cases")) == PEPS["decisions"]
    assert len(peps_rows("cases")) - len(cases) == PEPS["entered_already_decided"]


def test_time_to_a_decision(curve: SurvivalCurve) -> None:
    assert (curve.n, curve.observed, curve.n - curve.observed) == (
        DECIDED["n"],
        DECIDED["observed"],
        DECIDED["censored"],
    )
    for p, expected in DECIDED["km_quantiles_days"].items():
        assert days(curve.quantile(float(p))) == close(expected)
    for t, expected in DECIDED["km_survival_at_days"].items():
        assert float(curve.survival_at(int(t) * DAY) or 0) == close(expected)
    for t, expected in DECIDED["rmst_days"].items():
        assert days(curve.rmst(int(t) * DAY)) == close(expected)


def test_the_intervals_of_its_quantiles(curve: SurvivalCurve) -> None:
    assert [days(t) for t in curve.quantile_interval(0.5)] == [close(t) for t in DECIDED["km_median_ci95_days_loglog"]]
    assert [days(t) for t in curve.quantile_interval(0.9)] == [close(t) for t in DECIDED["km_p90_ci95_days_loglog"]]


def test_closed_only_figures_for_contrast(cases: list[dict[str, str]]) -> None:
    naive = DECIDED["naive_closed_only"]
    closed = sample(int(case["duration_s"]) for case in cases if case["observed"] == "1")
    assert days(closed.mean()) == close(naive["mean_days"])
    assert days(closed.quantile(0.5)) == close(naive["median_days"])
    assert days(closed.quantile(0.9)) == close(naive["p90_days"])
    every = sample(int(case["duration_s"]) for case in cases)
    assert days(every.mean()) == close(DECIDED["naive_all_as_if_closed_mean_days"])


@pytest.mark.parametrize("ending", DECIDED["aalen_johansen_cif_at_days"])
def test_how_decisions_end(incidence: Incidence, endings: list[EndingSpan], ending: str) -> None:
    for t, expected in DECIDED["aalen_johansen_cif_at_days"][ending].items():
        assert float(incidence.at(ending, int(t) * DAY) or 0) == close(expected)
    naive = one_minus_survival(endings, ending)
    for t, expected in DECIDED["one_minus_km_treating_other_causes_as_censoring_at_days"][ending].items():
        assert 1 - float(naive.survival_at(int(t) * DAY) or 0) == close(expected)


def test_the_ways_to_end_are_exact_complements_of_staying_open(incidence: Incidence) -> None:
    for t in (0, 7 * DAY, 365 * DAY, 1825 * DAY):
        chances = [incidence.at(ending, t) or 0 for ending in incidence.endings]
        assert sum(chances) + (incidence.any_ending.survival_at(t) or 0) == 1


def test_reopenings_per_decision() -> None:
    pieces = [Span(int(r["start_s"]), int(r["stop_s"]), r["reopened"] == "1") for r in peps_rows("reopenings")]
    found = nelson_aalen(pieces)
    assert sum(found.happened) == PEPS["ping_pong"]["reopened_total"]
    for t, expected in PEPS["reopenings_mean_cumulative_per_decision_at_days"].items():
        assert float(found.mean_at(int(t) * DAY) or 0) == close(expected)


def test_time_per_stage_sums_to_the_durations(cases: list[dict[str, str]]) -> None:
    shares = holding(Turn(row["stage"], 0, int(row["total_s"])) for row in peps_rows("sojourn"))
    assert shares.total == sum(int(case["duration_s"]) for case in cases)
    for stage, expected in PEPS["sojourn_before_first_decision"].items():
        assert days(shares.seconds[stage]) == close(expected["total_days"])
        assert round(float(shares.share(stage) or 0), 6) == expected["share"]


def test_the_single_change_of_level(cases: list[dict[str, str]]) -> None:
    oracle = PEPS["single_change_point_log1p_days"]
    done = sorted((c for c in cases if c["observed"] == "1"), key=lambda c: (epoch(c["ended"]), c["decision_id"]))
    found = best_split(log_days(int(case["duration_s"]) for case in done))
    assert found is not None
    assert (len(done), found.index) == (oracle["n"], oracle["split_index"])
    first = done[found.index]
    assert (first["decision_id"], first["ended"]) == (oracle["first_decision_after"], oracle["at"])
    assert round(float(found.reduction or 0), 6) == oracle["sse_reduction"]
    assert expm1(found.mean_before) == close(oracle["geo_mean_before_days"])
    assert expm1(found.mean_after) == close(oracle["geo_mean_after_days"])


@pytest.mark.parametrize("years", PEPS["little"])
def test_flow_balances(lives: list[Life], years: str) -> None:
    oracle = PEPS["little"][years]
    lo, hi = oracle["window"]
    found = flow([Stay(life.opened, life.until if life.ended else None) for life in lives], lo=lo, hi=hi)
    assert (found.arrivals, found.departures) == (oracle["arrivals"], oracle["departures"])
    assert (found.at_start, found.at_end) == (oracle["wip_at_start"], oracle["wip_at_end"])
    assert found.area_by_sweep == found.area_by_dwell
    assert days(found.area_by_sweep) == close(oracle["area_decision_days"])
    assert float(found.mean_open or 0) == close(oracle["mean_wip"])
    assert days(found.area_per_arrival) == close(oracle["little_W_days_area_over_arrivals"])


def test_ages_of_what_is_open(lives: list[Life]) -> None:
    oracle = PEPS["ageing_wip_at_cut_off"]
    ages = sample(CUT_OFF - life.opened for life in lives if not life.ended)
    assert ages.n == oracle["open"]
    assert days(ages.quantile(0.5)) == close(oracle["median_age_days"])
    assert days(ages.quantile(0.9)) == close(oracle["p90_age_days"])
    assert sum(not life.ended and CUT_OFF - life.opened > 365 * DAY for life in lives) == oracle["over_365"]


@pytest.fixture(scope="module")
def old_until() -> int:
    return epoch(CHANGE["old_regime_until"])


@pytest.fixture(scope="module")
def new_from() -> int:
    return epoch(CHANGE["new_regime_from"])


def test_the_governance_groups_are_the_cohorts_before_and_after(
    lives: list[Life], old_until: int, new_from: int
) -> None:
    given = {name: [r for r in peps_rows("governance_groups") if r["group"] == name] for name in ("old", "new")}
    made = {"old": cohort(lives, opened_before=old_until), "new": cohort(lives, opened_from=new_from)}
    for name, rows in given.items():
        expected = sorted((int(row["duration_s"]), row["observed"] == "1") for row in rows)
        assert sorted((span.exit, span.ended) for span in spans(made[name])) == expected


def test_against_all_earlier_years_the_new_governance_looks_faster(
    lives: list[Life], old_until: int, new_from: int
) -> None:
    groups = {
        "old": spans(cohort(lives, opened_before=old_until)),
        "new": spans(cohort(lives, opened_from=new_from)),
    }
    for name, group in groups.items():
        oracle, found = CHANGE[f"{name}_cohort"], kaplan_meier(group)
        assert (found.n, found.observed) == (oracle["n"], oracle["observed"])
        assert days(found.quantile(0.5)) == close(oracle["km_median_days"])
        assert days(found.quantile(0.9)) == close(oracle["km_p90_days"])
        at_365 = CHANGE["period_with_delayed_entry"][f"{name}_cohort_S_at_365"]
        assert float(found.survival_at(365 * DAY) or 0) == close(at_365)
    test = log_rank(groups)
    oracle = CHANGE["logrank"]
    assert (test.observed[0], test.expected[0]) == (oracle["observed_old"], close(oracle["expected_old"]))
    assert (test.chi2, test.p) == (close(oracle["chi2"]), close(oracle["p"]))


@pytest.mark.parametrize("years", [5, 8])
def test_against_the_years_just_before_there_is_no_evidence(
    lives: list[Life], old_until: int, new_from: int, years: int
) -> None:
    oracle = CHANGE["sensitivity"][f"baseline_{years}y"]
    matched = spans(cohort(lives, opened_from=old_until - years * YEAR_SECONDS, opened_before=old_until))
    found = kaplan_meier(matched)
    assert (found.n, found.observed) == (oracle["n"], oracle["observed"])
    assert days(found.quantile(0.5)) == close(oracle["km_median_days"])
    test = log_rank({"before": matched, "after": spans(cohort(lives, opened_from=new_from))})
    assert (test.chi2, test.p) == (close(oracle["logrank_chi2"]), close(oracle["p"]))


def test_the_period_after_the_change_with_what_entered_it_late(lives: list[Life], new_from: int) -> None:
    oracle = CHANGE["period_with_delayed_entry"]
    _, after = split(lives, new_from)
    found = kaplan_meier(after)
    assert (found.n, found.table.entered_late, found.observed) == (
        oracle["n"],
        oracle["entered_late"],
        oracle["observed"],
    )
    assert days(found.quantile(0.5)) == close(oracle["km_median_days"])
    assert float(found.survival_at(365 * DAY) or 0) == close(oracle["S_at_365"])


def test_few_decided_in_the_interregnum(lives: list[Life], old_until: int, new_from: int) -> None:
    oracle = CHANGE["period_with_delayed_entry"]
    assert endings_in(lives, old_until, new_from) == oracle["decided_in_interregnum"]
    year = 365 * DAY
    assert endings_in(lives, old_until - year, new_from - year) == oracle["decided_in_same_span_one_year_earlier"]


def test_first_decisions_in_the_same_months_of_every_year(cases: list[dict[str, str]], lives: list[Life]) -> None:
    oracle = CHANGE["first_decisions_13Jul_to_3Feb_by_year"]
    last_kind = {row["decision_id"]: row["party"] for row in peps_rows("events_core")}
    kinds = [last_kind[case["decision_id"]] for case in cases]
    standards = [life for life, kind in zip(lives, kinds, strict=True) if kind == "Standards Track"]
    for year, expected in oracle.items():
        lo, hi = epoch(f"{year}-07-13T00:00:00Z"), epoch(f"{int(year) + 1}-02-04T00:00:00Z")
        assert endings_in(lives, lo, hi) == expected["all"]
        seen_later = STANDARDS_SEEN_ONLY_IN_REVISIONS.get(year, 0)
        assert endings_in(standards, lo, hi) + seen_later == expected["standards_track"]


def endings_in(lives: list[Life], lo: int, hi: int) -> int:
    return sum(life.ended and lo <= life.until < hi for life in lives)
