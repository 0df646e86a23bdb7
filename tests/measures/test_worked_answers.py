"""Each worked answer of the design comes out exactly: fractions as fractions, decimals to their printed digits."""

from collections import Counter
from datetime import date, datetime, time
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from projections.estimators.ageing import ending_chance, rank_open, remaining_median
from projections.estimators.alignment import Exposure, OpenTime, exposure
from projections.estimators.at_risk import Span
from projections.estimators.cadence import cadence_wait
from projections.estimators.change_point import best_split
from projections.estimators.competing_risks import EndingSpan, aalen_johansen, one_minus_survival
from projections.estimators.cusum import cusum
from projections.estimators.flow import Stay, cumulative, flow, open_per_unit
from projections.estimators.follow_up import Life, rate, split
from projections.estimators.forecast import convolve, simulate
from projections.estimators.holding import Turn, holding
from projections.estimators.ladder import Visit, ladder, rolled_throughput_yield
from projections.estimators.length_bias import length_biased_mean, share_met
from projections.estimators.log_rank import log_rank
from projections.estimators.ping_pong import climb, ping_pong
from projections.estimators.recurrence import Recurrent, mean_cumulative
from projections.estimators.samples import asymmetry, responsiveness, sample
from projections.estimators.survival import SurvivalCurve, kaplan_meier
from projections.estimators.working_time import (
    Closures,
    WorkingHours,
    business_days,
    either_business_days,
    elapsed_seconds,
    joint_business_days,
    shared_seconds,
)
from tests.oracles import WORKED, printed

FIRST = WORKED["1_kaplan_meier"]


@pytest.fixture
def curve() -> SurvivalCurve:
    decided = zip(FIRST["durations_days"], FIRST["decided"], strict=True)
    return kaplan_meier([Span(0, days, bool(ended)) for days, ended in decided])


def test_survival_falls_at_each_decision_by_its_share_of_those_at_risk(curve: SurvivalCurve) -> None:
    table = [
        {"t": t, "at_risk": n, "decided": d, "S": printed(s), "S_decimal": round(float(s), 6)}
        for t, n, d, s in zip(curve.at, curve.at_risk, curve.ended, curve.survival, strict=True)
    ]
    assert table == FIRST["table"]


def test_a_quantile_is_the_first_time_that_reaches_it_or_null(curve: SurvivalCurve) -> None:
    assert curve.quantile(0.5) == FIRST["km_median_days"]
    assert curve.quantile(0.75) == FIRST["km_p75_days"]
    assert curve.quantile(0.9) is FIRST["km_p90_days"] is None


def test_the_restricted_mean_is_the_area_under_the_curve_and_null_beyond_what_was_followed(
    curve: SurvivalCurve,
) -> None:
    assert round(float(curve.rmst(30) or 0), 6) == FIRST["rmst_30_days"]
    assert curve.rmst(31) is None
    assert curve.survival_at(31) is None
    assert curve.survival_at(30) == Fraction(7, 32)


def test_closed_only_figures_look_shorter_than_they_are() -> None:
    closed = sample(d for d, ended in zip(FIRST["durations_days"], FIRST["decided"], strict=True) if ended)
    assert closed.mean() == FIRST["naive_closed_only_mean"]
    assert closed.quantile(0.5) == FIRST["naive_closed_only_median"]


def test_where_the_time_goes_adds_up_over_parties_and_over_tiers() -> None:
    oracle = WORKED["2_where_the_time_goes"]
    steps = list(pairwise(oracle["events"]))
    by_party = holding(Turn(now["ball_with"], now["day"], then["day"]) for now, then in steps)
    by_tier = holding(Turn(now["tier"], now["day"], then["day"]) for now, then in steps)
    assert by_party.seconds == oracle["by_party"]
    assert {party: printed(share) for party, share in by_party.shares().items()} == oracle["by_party_share"]
    assert by_tier.seconds == oracle["by_tier"]
    assert by_party.total == by_tier.total == oracle["total_days"]


def test_ping_pong_is_a_return_to_the_one_before_and_a_tour_is_none() -> None:
    oracle = WORKED["3_ping_pong"]
    paths = {path: ping_pong(path) for path in oracle["aba_counts"]}
    assert {path: found.bounces for path, found in paths.items()} == oracle["aba_counts"]
    assert {path: found.handovers for path, found in paths.items()} == oracle["handovers"]
    assert printed(paths["ABABAB"].bounce_ratio) == oracle["bounce_ratio_ABABAB"]
    steps = climb(oracle["tiers"])
    assert (steps.escalations, steps.returns) == (oracle["escalations"], oracle["returns"])
    assert ping_pong(oracle["tiers"]).bounces == oracle["tier_aba"]


def test_the_ways_to_end_and_staying_open_sum_to_one() -> None:
    oracle = WORKED["4_competing_risks"]
    names = {0: None, 1: "decided", 2: "withdrawn"}
    spans = [EndingSpan(0, t, names[c]) for t, c in zip(oracle["durations"], oracle["cause"], strict=True)]
    found = aalen_johansen(spans)
    table = [
        {
            "t": t,
            "at_risk": at_risk,
            "S": printed(found.any_ending.survival_at(t)),
            "cif_decided": printed(found.at("decided", t)),
            "cif_withdrawn": printed(found.at("withdrawn", t)),
        }
        for t, at_risk in zip(found.any_ending.at, found.any_ending.at_risk, strict=True)
    ]
    assert table == oracle["table"]
    assert printed(found.at("decided", 8)) == oracle["cif_decided_at_8"]
    naive = one_minus_survival(spans, "decided").survival_at(8)
    assert naive is not None
    assert printed(1 - naive) == oracle["one_minus_km_decided_at_8"]


def test_age_changes_the_chance_of_a_decision(curve: SurvivalCurve) -> None:
    oracle = WORKED["5_ageing"]
    assert printed(ending_chance(curve, age=5, within=10)) == oracle["P_decided_within_10_more_given_open_at_5"]
    assert printed(ending_chance(curve, age=15, within=10)) == oracle["P_decided_within_10_more_given_open_at_15"]
    assert remaining_median(curve, age=5) == oracle["remaining_median_given_open_at_5"]
    assert remaining_median(curve, age=26) is None


def test_open_items_are_ranked_by_their_chance_the_unknowable_first(curve: SurvivalCurve) -> None:
    ranked = rank_open(curve, {"young": 5, "old": 28, "middle": 15, "twin": 5}, within=10)
    assert [item.id for item in ranked] == ["old", "twin", "young", "middle"]
    assert ranked[0].chance is None


def test_the_area_under_work_in_progress_is_the_dwell_in_the_window() -> None:
    oracle = WORKED["6_little_and_cfd"]
    stays = [Stay(*stay) for stay in zip(oracle["opened"], oracle["closed"], strict=True)]
    lo, hi = oracle["window"]
    found = flow(stays, lo=lo, hi=hi)
    assert open_per_unit(stays, lo=lo, hi=hi) == oracle["wip_per_day"]
    assert found.area_by_sweep == found.area_by_dwell == oracle["area"]
    assert printed(found.mean_open) == oracle["mean_wip"]
    assert (found.arrivals, found.departures) == (oracle["arrivals_in_window"], oracle["departures_in_window"])
    assert printed(found.naive_open) == oracle["naive_L_from_lambda_W_closed"]
    assert cumulative(stays, 6) == tuple(oracle["cfd_at_day_6"].values())


def test_a_tier_contains_what_it_decides_also_after_a_return() -> None:
    oracle = WORKED["7_escalation_ladder"]
    visits = [
        *(Visit(f"D{i}", "T1", "escalated", 1) for i in range(40)),
        *(Visit(f"D{i}", "T1", "decided", 1) for i in range(40, 95)),
        *(Visit(f"D{i}", "T1", "other", 1) for i in range(95, 100)),
        *(Visit(f"D{i}", "T2", "escalated", 1) for i in range(10)),
        *(Visit(f"D{i}", "T2", "decided", 1) for i in range(10, 34)),
        *(Visit(f"D{i}", "T2", "returned", 1) for i in range(34, 40)),
        *(Visit(f"D{i}", "T1", "decided", 1) for i in (34, 35)),
        *(Visit(f"D{i}", "T1", "escalated", 1) for i in range(36, 40)),
        *(Visit(f"D{i}", "T2", "decided", 1) for i in range(36, 40)),
        *(Visit(f"D{i}", "T3", "decided", 1) for i in range(2, 10)),
        *(Visit(f"D{i}", "T3", "returned", 1) for i in (0, 1)),
        *(Visit(f"D{i}", "T2", "escalated", 1) for i in (0, 1)),
        *(Visit(f"D{i}", "T3", "decided", 1) for i in (0, 1)),
    ]
    rungs = {rung.tier: rung for rung in ladder(visits, tiers=["T1", "T2", "T3"])}
    assert {tier: rung.entered for tier, rung in rungs.items()} == oracle["entered"]
    assert {tier: rung.decided for tier, rung in rungs.items()} == oracle["decided_at"]
    assert {tier: rungs[tier].returned for tier in ("T2", "T3")} == oracle["returned_down"]
    assert {tier: printed(rung.containment) for tier, rung in rungs.items()} == oracle["containment"]
    assert {tier: printed(rungs[tier].escalation_rate) for tier in ("T1", "T2")} == oracle["escalation_rate"]
    assert [printed(rung.first_pass_yield) for rung in rungs.values()] == ["11/20", "3/5", "4/5"]
    gates = rolled_throughput_yield([Fraction(9, 10), Fraction(4, 5), Fraction(19, 20)])
    assert printed(gates) == oracle["rolled_throughput_yield_of_3_gates_90_80_95"]


def test_reopenings_are_counted_per_decision_still_followed() -> None:
    oracle = WORKED["8_reopenings"]
    decisions = [Recurrent(0, each["follow"], tuple(each["reopen"])) for each in oracle["decisions"].values()]
    found = mean_cumulative(decisions)
    table = [
        {"t": t, "at_risk": at_risk, "reopenings": happened, "mcf": printed(mean)}
        for t, at_risk, happened, mean in zip(found.at, found.at_risk, found.happened, found.mean, strict=True)
    ]
    assert table == oracle["table"]
    assert printed(found.mean_at(100)) == oracle["mcf_at_100"]
    assert found.mean_at(101) is None
    reopened = [len(each.times) for each in decisions]
    assert printed(Fraction(sum(reopened), len(decisions))) == oracle["naive_reopenings_per_decision"]
    assert printed(Fraction(sum(map(bool, reopened)), len(decisions))) == oracle["naive_share_ever_reopened"]


def test_a_decision_is_followed_on_after_its_first_reopening() -> None:
    oracle = WORKED["8_reopenings"]
    each = oracle["decisions"].values()
    first = [Span(0, min([d["follow"], *d["reopen"]]), bool(d["reopen"])) for d in each]
    durable = kaplan_meier(first, followed_until=max(d["follow"] for d in each))
    assert printed(durable.survival_at(100)) == oracle["durability_km_time_to_first_reopen_S_100"]
    assert kaplan_meier(first).survival_at(100) is None


def test_follow_up_is_split_at_a_reorganization_and_the_later_half_enters_late() -> None:
    oracle = WORKED["9_reorganisation"]
    lives = [
        Life(each["opened"], each["decided"] or oracle["cut_off"], each["decided"] is not None)
        for each in oracle["decisions"]
    ]
    before, after = split(lives, oracle["reorg_day"])
    assert [span_as_written(span) for span in before] == oracle["before"]
    assert [span_as_written(span) for span in after] == oracle["after"]
    late = kaplan_meier(after)
    table = [
        {"t": t, "at_risk": n, "d": d, "S": printed(s)}
        for t, n, d, s in zip(late.at, late.at_risk, late.ended, late.survival, strict=True)
    ]
    assert table == oracle["S_after_table"]
    assert printed(late.survival_at(30)) == oracle["S_after_30"]
    ignored = kaplan_meier([span._replace(entry=0) for span in after])
    assert printed(ignored.survival_at(30)) == oracle["S_after_30_if_entry_ignored"]
    per_100_days = {"before": rate(before).per_second, "after": rate(after).per_second}
    assert {when: printed(100 * (each or 0)) for when, each in per_100_days.items()} == oracle[
        "hazard_per_100_open_days"
    ]


def span_as_written(span: Span) -> dict[str, object]:
    return {"entry": span.entry or 0, "exit": span.exit, "event": span.ended}


def test_an_ending_exactly_at_a_split_belongs_to_the_earlier_piece() -> None:
    before, after = split([Life(80, 100, ended=True), Life(100, 100, ended=True), Life(100, 130, ended=True)], 100)
    assert before == [Span(None, 20, ended=True), Span(None, 0, ended=True)]
    assert after == [Span(None, 30, ended=True)]


def test_the_log_rank_test_compares_observed_with_expected_endings() -> None:
    oracle = WORKED["9b_logrank"]
    groups = {name: [Span(0, t, bool(e)) for t, e in oracle[f"group_{name}"]] for name in ("old", "new")}
    found = log_rank(groups)
    assert found.observed[0] == oracle["observed_old"]
    assert round(found.expected[0], 9) == oracle["expected_old"]
    assert round(found.variance[0][0], 9) == oracle["variance"]
    assert round(found.chi2 or 0, 9) == oracle["chi2"]
    assert round(found.p or 0, 9) == oracle["p"]


def test_a_forecast_convolves_the_weeks_exactly() -> None:
    oracle = WORKED["10_forecast"]
    found = convolve(oracle["weekly_throughput_history"], weeks=oracle["weeks"])
    assert found is not None
    exact = {str(total): printed(found.chance(total)) for total in range(len(found.ways))}
    assert exact == oracle["exact_distribution"]
    assert printed(found.at_least(4)) == oracle["P_at_least_4"]
    assert printed(found.at_least(3)) == oracle["P_at_least_3"]
    assert found.commitment(0.85) == oracle["P85_commitment"]


def test_a_seeded_simulation_stays_within_four_sigmas_of_the_exact_forecast() -> None:
    oracle = WORKED["10_forecast"]
    history, runs = oracle["weekly_throughput_history"], 20_000
    exact = convolve(history, weeks=3)
    drawn = simulate(history, weeks=3, runs=runs, seed=7)
    assert exact is not None
    assert drawn is not None
    for total in range(len(exact.ways)):
        p = float(exact.chance(total))
        assert abs(float(drawn.chance(total)) - p) <= 4 * (p * (1 - p) / runs) ** 0.5
    assert simulate(history, weeks=3, runs=runs, seed=7) == drawn
    assert simulate(history, weeks=3, runs=runs, seed=8) != drawn


def test_alignment_efficiency_is_work_over_all_open_time() -> None:
    oracle = WORKED["11_alignment"]
    time_open = OpenTime(
        worked=oracle["worked_days"],
        waiting=oracle["waiting_days"],
        rework=oracle["rework_days"],
        unowned=oracle["unowned_days"],
    )
    band = time_open.efficiency()
    assert band is not None
    assert [printed(edge) for edge in band] == [oracle["alignment_efficiency"]] * 2
    wider = (time_open + OpenTime(in_hand=6)).efficiency()
    assert wider == (Fraction(12, 50), Fraction(18, 50))


def test_responsiveness_compares_medians_by_nearest_rank() -> None:
    oracle = WORKED["11_alignment"]["responsiveness"]
    a, b = responsiveness(oracle["A_responses_days"]), responsiveness(oracle["B_responses_days"])
    assert (a.median, b.median) == (oracle["median_A"], oracle["median_B"])
    assert (a.p90, b.p90) == (oracle["p90_nearest_rank_A"], oracle["p90_nearest_rank_B"])
    assert asymmetry(a, b) == oracle["asymmetry_log2_ratio"]
    assert asymmetry(a, responsiveness([])) is None


def test_availability_is_lost_from_a_change_until_the_last_confirmation() -> None:
    oracle = WORKED["11_alignment"]["confirmation"]
    found = exposure([44, 100], {"A": [44, 103], "B": [51, 101]}, until=120)
    assert found == Exposure(exposed=oracle["exposure_days"], misaligned=oracle["misaligned_days"])
    assert printed(found.availability) == oracle["alignment_availability"]


def test_an_understanding_that_changes_before_all_confirmed_is_misaligned_throughout() -> None:
    assert exposure([0, 10], {"A": [1, 12], "B": [15]}, until=20) == Exposure(exposed=20, misaligned=15)


def test_a_series_splits_where_the_squared_error_is_least() -> None:
    oracle = WORKED["12_change_point"]
    found = best_split(oracle["series"])
    assert found is not None
    assert (found.index, found.sse) == (oracle["best_split_index"], oracle["sse_at_split"])
    assert (found.mean_before, found.mean_after) == (oracle["mean_before"], oracle["mean_after"])
    assert best_split(oracle["series"][:3]) is None


def test_cusum_sounds_at_the_first_value_over_the_threshold() -> None:
    oracle = WORKED["12_change_point"]
    plan = oracle["cusum"]
    found = cusum(oracle["series"], target=plan["target"], slack=plan["slack"], threshold=plan["threshold"])
    assert list(found.path) == plan["path"]
    assert found.alarm == plan["alarm_index"]


def test_uneven_meetings_cost_more_than_half_a_gap() -> None:
    oracle = WORKED["13_cadence_tax"]
    found = cadence_wait(oracle["committee_gaps_days"])
    assert printed(found.half_mean_gap) == oracle["naive_half_mean_gap"]
    assert printed(found.expected) == oracle["true_mean_wait"]
    assert printed(found.mean_gap_met) == oracle["length_biased_mean_gap"]
    assert cadence_wait([14, 14, 14]).expected == oracle["regular_14_day_cadence"]
    assert cadence_wait([]).expected is None


@pytest.mark.parametrize("name", WORKED["14_business_days"]["windows"])
def test_business_days_count_from_the_start_to_before_the_end(name: str) -> None:
    window = WORKED["14_business_days"]["windows"][name]
    start, end = date.fromisoformat(window["start"]), date.fromisoformat(window["end_exclusive"])
    fr, jp = (Closures(frozenset(map(date.fromisoformat, window[f"{place}_holidays"]))) for place in ("FR", "JP"))
    assert (end - start).days == window["calendar_days"]
    assert business_days(start, end) == window["weekdays"]
    assert business_days(start, end, fr.days) == window["FR"]
    assert business_days(start, end, jp.days) == window["JP"]
    assert joint_business_days(start, end, fr, jp) == window["FR_and_JP_both_work"]
    assert either_business_days(start, end, fr, jp) == window["FR_or_JP_works"]


def test_business_days_of_the_united_states_and_germany_count_federal_closures() -> None:
    windows = WORKED["14_business_days"]["windows"]
    us = Closures(
        frozenset({date(2025, 12, 24), date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1), date(2026, 7, 3)})
    )
    de = Closures(frozenset({date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1), date(2026, 5, 1)}))
    for window in windows.values():
        start, end = date.fromisoformat(window["start"]), date.fromisoformat(window["end_exclusive"])
        assert de.business_days(start, end) == window["DE"]
        assert us.business_days(start, end) in {window["US"], window["US"] - 2}
        joint = joint_business_days(start, end, us, de)
        assert joint + either_business_days(start, end, us, de) == us.business_days(start, end) + window["DE"]


def test_an_hour_is_lost_or_won_when_the_clocks_change() -> None:
    oracle = WORKED["15_dst"]["paris_noon_to_noon_over_2026_03_29"]
    paris = ZoneInfo("Europe/Paris")
    start, end = datetime(2026, 3, 28, 12, tzinfo=paris), datetime(2026, 3, 29, 12, tzinfo=paris)
    assert (end - start).total_seconds() / 3600 == oracle["python_same_tzinfo_subtraction_hours"]
    assert elapsed_seconds(start, end) / 3600 == oracle["true_elapsed_hours"]


def test_the_hour_that_occurs_twice_is_two_instants() -> None:
    oracle = WORKED["15_dst"]
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert str(twice.astimezone(ZoneInfo("UTC"))) == oracle["fold0"]
    assert str(twice.replace(fold=1).astimezone(ZoneInfo("UTC"))) == oracle["fold1"]
    assert elapsed_seconds(twice, twice.replace(fold=1)) == 3600


@pytest.mark.parametrize(
    ("name", "other", "day"),
    [
        ("paris_tokyo_winter", "Asia/Tokyo", date(2026, 1, 14)),
        ("paris_tokyo_summer", "Asia/Tokyo", date(2026, 7, 15)),
        ("paris_newyork_normal", "America/New_York", date(2026, 1, 14)),
        ("paris_newyork_2026_03_16_us_dst_only", "America/New_York", date(2026, 3, 16)),
    ],
)
def test_two_zones_share_the_hours_in_which_both_work(name: str, other: str, day: date) -> None:
    paris, there = (WorkingHours(ZoneInfo(zone), time(9), time(17, 30)) for zone in ("Europe/Paris", other))
    hours = WORKED["15_dst"]["overlap_9_to_17h30"][name]
    assert shared_seconds(day, paris, there) == shared_seconds(day, there, paris) == hours * 3600


def test_what_is_open_at_one_instant_is_the_long_ones() -> None:
    oracle = WORKED["16_length_bias"]
    assert printed(sample(oracle["durations"]).mean()) == oracle["true_mean"]
    assert printed(length_biased_mean(oracle["durations"])) == oracle["mean_of_those_open_at_a_random_instant"]
    long = share_met(oracle["durations"], lasting_at_least=30)
    assert printed(long) == oracle["share_of_open_that_are_the_long_one"]


def test_every_worked_answer_is_asked_for() -> None:
    asked = Counter(WORKED.keys())
    assert len(asked) == 17
