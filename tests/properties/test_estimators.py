"""What holds of the estimators whatever the decisions were."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

import projections.estimators.at_risk as sizes
from projections.estimators.at_risk import Span, risk_table
from projections.estimators.change_point import best_split
from projections.estimators.competing_risks import EndingSpan, aalen_johansen
from projections.estimators.flow import Stay, cumulative, flow, open_at
from projections.estimators.follow_up import Life, split, split_span
from projections.estimators.forecast import convolve
from projections.estimators.holding import Turn, holding
from projections.estimators.log_rank import chi_square_tail, log_rank
from projections.estimators.ping_pong import bouncing_pairs, ping_pong
from projections.estimators.recurrence import nelson_aalen
from projections.estimators.samples import sample
from projections.estimators.survival import SurvivalCurve, exact_product, float_product, kaplan_meier
from projections.estimators.working_time import Closures, either_business_days, joint_business_days

times = st.integers(0, 40)
levels = st.sampled_from([Fraction(k, 10) for k in range(1, 10)])


@st.composite
def late_spans(draw: st.DrawFn) -> Span:
    entry = draw(st.one_of(st.none(), st.integers(0, 20)))
    return Span(entry, (entry or 0) + draw(st.integers(0, 20)), draw(st.booleans()))


samples = st.lists(late_spans(), min_size=1, max_size=30)
prompt = st.lists(st.builds(Span, st.none(), times, st.booleans()), min_size=1, max_size=30)
ways = st.sampled_from([None, "made", "withdrawn", "voided"])
ending_spans = st.lists(st.builds(EndingSpan, st.sampled_from([None, 0, 3, 9]), times, ways), min_size=1, max_size=30)


def later(one: int | None, other: int | None) -> bool:
    return one is None or (other is not None and one >= other)


@given(prompt, times, levels)
def test_one_more_open_decision_never_lowers_a_quantile(spans: list[Span], age: int, p: Fraction) -> None:
    before, after = kaplan_meier(spans), kaplan_meier([*spans, Span(None, age, ended=False)])
    assert later(after.quantile(p), before.quantile(p))


@given(samples, st.integers(2, 9), levels)
def test_scaling_time_scales_quantiles_and_restricted_means(spans: list[Span], factor: int, p: Fraction) -> None:
    scaled = [Span(s.entry and s.entry * factor, s.exit * factor, s.ended) for s in spans]
    before, after = kaplan_meier(spans), kaplan_meier(scaled)
    quantile, mean = before.quantile(p), before.rmst(10)
    assert after.quantile(p) == (None if quantile is None else quantile * factor)
    assert after.rmst(10 * factor) == (None if mean is None else mean * factor)


@given(ending_spans, times)
def test_the_ways_to_end_and_staying_open_sum_to_one(spans: list[EndingSpan], t: int) -> None:
    found = aalen_johansen(spans)
    still_open = found.any_ending.survival_at(t)
    chances = [found.at(ending, t) for ending in found.endings]
    if still_open is None:
        assert chances == [None] * len(chances)
    else:
        assert sum(chance or 0 for chance in chances) + still_open == 1


@given(st.lists(times, min_size=1, max_size=30), times)
def test_without_censoring_survival_is_the_share_still_open(durations: list[int], t: int) -> None:
    curve = kaplan_meier([Span(None, duration, ended=True) for duration in durations])
    assert curve.survival_at(t) == Fraction(sum(duration > t for duration in durations), len(durations))


@given(samples, times)
def test_splitting_follow_up_at_any_age_leaves_the_curve_unchanged(spans: list[Span], age: int) -> None:
    whole, pieces = kaplan_meier(spans), kaplan_meier([piece for span in spans for piece in split_span(span, age)])
    assert (pieces.at, pieces.at_risk, pieces.ended, pieces.survival) == (
        whole.at,
        whole.at_risk,
        whole.ended,
        whole.survival,
    )


lives_open_for_a_while = st.builds(
    lambda opened, open_for, ended: Life(opened, opened + open_for, ended), times, times, st.booleans()
)


@given(st.lists(lives_open_for_a_while, max_size=20), times)
def test_splitting_at_a_date_keeps_every_ending_and_every_second(lives: list[Life], at: int) -> None:
    before, after = split(lives, at)
    whole = [life.span() for life in lives]
    assert sum(s.ended for s in (*before, *after)) == sum(s.ended for s in whole)
    assert sum(s.exit - (s.entry or 0) for s in (*before, *after)) == sum(s.exit for s in whole)


@given(samples, st.randoms(use_true_random=False), st.integers(1, 5))
def test_merged_shards_in_any_order_give_the_same_table(spans: list[Span], draws: object, shards: int) -> None:
    parts = [Counter(spans[shard::shards]) for shard in range(shards)]
    merged: Counter[Span] = Counter()
    for part in reversed(parts):
        merged += part
    assert risk_table(merged) == risk_table(spans)
    assert kaplan_meier(merged) == kaplan_meier(spans)


@given(ending_spans, times)
def test_merged_shards_give_the_same_incidence(spans: list[EndingSpan], t: int) -> None:
    merged = Counter(spans[::2]) + Counter(spans[1::2])
    one, other = aalen_johansen(spans), aalen_johansen(merged)
    assert one.table == other.table
    assert [one.at(ending, t) for ending in one.endings] == [other.at(ending, t) for ending in other.endings]


@given(samples)
def test_what_is_subtracted_was_never_there(spans: list[Span]) -> None:
    extra = Counter([Span(None, 7, ended=True), Span(3, 11, ended=False)])
    assert kaplan_meier(Counter(spans) + extra - extra) == kaplan_meier(spans)


@given(samples)
def test_floats_and_fractions_tell_the_same_curve(spans: list[Span]) -> None:
    curve = kaplan_meier(spans)
    rows = list(zip(curve.at_risk, curve.ended, strict=True))
    pairs = zip(exact_product(rows), float_product(rows), strict=True)
    assert all(abs(float(exact) - float(rounded)) <= 1e-12 for exact, rounded in pairs)


def test_a_curve_beyond_the_exact_size_reads_like_the_exact_one() -> None:
    few = [Span(None if i % 3 else i % 7, 10 + i * 37 % 101, i % 5 > 0) for i in range(100)]
    exact = kaplan_meier(few)
    many = kaplan_meier(Counter(dict.fromkeys(few, 200)))
    assert many.n > sizes.EXACT_DECISIONS_MAX > exact.n
    assert isinstance(many.survival[0], float)
    for p in (0.1, 0.25, 0.5, 0.75):
        assert many.quantile(p) == exact.quantile(p)
    for t in (20, 60, 100):
        assert abs(float(many.survival_at(t) or 0) - float(exact.survival_at(t) or 0)) < 1e-12
        assert abs(float(many.rmst(t) or 0) - float(exact.rmst(t) or 0)) < 1e-9


def test_incidence_beyond_the_exact_size_reads_like_the_exact_one() -> None:
    few = [EndingSpan(None, 10 + i * 37 % 101, [None, "made", "withdrawn"][i % 3]) for i in range(100)]
    exact, many = aalen_johansen(few), aalen_johansen(Counter(dict.fromkeys(few, 200)))
    for t in (5, 20, 60, 100):
        assert abs(float(many.at("made", t) or 0) - float(exact.at("made", t) or 0)) < 1e-12


@given(samples, times)
def test_the_restricted_mean_is_the_area_under_the_steps(spans: list[Span], tau: int) -> None:
    curve = kaplan_meier(spans)
    heights = [curve.survival_at(t) for t in range(tau)]
    area = curve.rmst(tau)
    assert area is None or area == sum(height or 0 for height in heights)


@given(samples, times)
def test_numbers_at_risk_are_those_who_entered_before_and_left_no_earlier(spans: list[Span], t: int) -> None:
    present = [s for s in spans if not s.entry or s.entry < s.exit]
    assert kaplan_meier(spans).numbers_at_risk([t]) == [
        sum((not s.entry or s.entry < t) and t <= s.exit for s in present)
    ]


@given(samples)
def test_limits_hold_the_curve_between_them(spans: list[Span]) -> None:
    curve = kaplan_meier(spans)
    for survival, limits in zip(curve.survival, curve.limits, strict=True):
        assert limits is None or 0 <= limits[0] <= survival <= limits[1] <= 1


@given(samples, levels)
def test_the_interval_of_a_quantile_is_the_first_time_that_each_limit_is_low_enough(
    spans: list[Span], p: Fraction
) -> None:
    for curve in (kaplan_meier(spans), kaplan_meier(Counter(dict.fromkeys(spans, 20000)))):
        steps = list(zip(curve.at, curve.limits, strict=True))
        first = [next((at for at, limits in steps if limits and limits[side] <= float(1 - p)), None) for side in (0, 1)]
        assert list(curve.quantile_interval(p)) == first


def test_limits_can_be_told_of_a_curve_too_close_to_nothing_for_a_float() -> None:
    halved = [Span(t, t + 1, ended) for t in range(1, 2_000) for ended in (True, False)]
    curve = kaplan_meier(halved)
    assert curve.survival[-1] == Fraction(1, 2) ** 1_999
    assert curve.limits[-1] is None
    assert curve.limits_at(5_000) == (None, None)
    assert curve.quantile_interval(0.5) == (2, 5)


@given(st.lists(st.tuples(st.sampled_from("ABC"), times), min_size=1, max_size=20))
def test_time_with_holders_sums_to_the_duration(stays: list[tuple[str, int]]) -> None:
    clock, turns = 0, []
    for holder, seconds in stays:
        turns.append(Turn(holder, clock, clock + seconds))
        clock += seconds
    found = holding(turns)
    assert found.total == clock
    assert sum(found.shares().values()) == (1 if clock else 0)


days = st.integers(0, 800).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
closures = st.frozensets(days, max_size=40).map(Closures)


@given(closures, closures, days, days)
def test_days_both_work_and_days_either_works_sum_to_the_days_of_each(
    one: Closures, other: Closures, a: date, b: date
) -> None:
    start, end = min(a, b), max(a, b)
    both, either = joint_business_days(start, end, one, other), either_business_days(start, end, one, other)
    assert both + either == one.business_days(start, end) + other.business_days(start, end)


@given(closures, days, days)
def test_business_days_are_the_days_that_work(calendar: Closures, a: date, b: date) -> None:
    start, end = min(a, b), max(a, b)
    every = [start + timedelta(days=n) for n in range((end - start).days)]
    assert calendar.business_days(start, end) == sum(map(calendar.works_on, every))
    assert calendar.business_days(end, start) == 0


@given(st.lists(st.builds(Stay, times, st.one_of(st.none(), times)), max_size=20), times, times)
def test_the_area_under_work_in_progress_is_the_dwell_and_flow_balances(stays: list[Stay], a: int, b: int) -> None:
    assume(all(stay.closed is None or stay.closed >= stay.opened for stay in stays))
    lo, hi = min(a, b), max(a, b)
    found = flow(stays, lo=lo, hi=hi)
    assert found.area_by_sweep == found.area_by_dwell == sum(open_at(stays, t) for t in range(lo, hi))
    arrived, departed = (
        after - before for before, after in zip(cumulative(stays, lo), cumulative(stays, hi), strict=True)
    )
    assert found.at_end - found.at_start == arrived - departed


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(1, 4))
def test_a_forecast_is_a_distribution_with_the_mean_of_its_weeks(history: list[int], weeks: int) -> None:
    found = convolve(history, weeks=weeks)
    assert found is not None
    assert found.all_ways == len(history) ** weeks
    mean = sum(total * found.chance(total) for total in range(len(found.ways)))
    assert mean == weeks * Fraction(sum(history), len(history))


@given(st.text(alphabet="ABC", max_size=20))
def test_no_path_bounces_more_often_than_it_could(path: str) -> None:
    found = ping_pong(path)
    assert 0 <= found.bounce_ratio <= 1
    assert found.handovers == sum(a != b for a, b in pairwise(path))
    assert len(bouncing_pairs(path)) == found.bounces


@given(st.lists(st.integers(-50, 50), min_size=4, max_size=20))
def test_no_other_split_has_a_smaller_error(series: list[int]) -> None:
    found = best_split(series)
    assert found is not None
    errors = {k: squared_error(series[:k]) + squared_error(series[k:]) for k in range(2, len(series) - 1)}
    assert found.sse == min(errors.values()) == errors[found.index]
    assert found.index == min(k for k, error in errors.items() if error == found.sse)


def squared_error(values: list[int]) -> Fraction:
    mean = Fraction(sum(values), len(values))
    return sum(((value - mean) ** 2 for value in values), Fraction(0))


@given(st.lists(times, min_size=1, max_size=30), levels)
def test_samples_agree_with_their_definitions(values: list[int], p: Fraction) -> None:
    found, ordered = sample(values), sorted(values)
    rank = found.nearest_rank(p)
    assert rank is not None
    assert sum(v <= rank for v in values) >= p * len(values) > sum(v < rank for v in values)
    assert [found.nth(i) for i in range(found.n)] == ordered
    assert found.quantile(0) == ordered[0]
    assert found.quantile(1) == ordered[-1]


@given(samples)
def test_the_cumulative_hazard_lies_above_what_has_ended(spans: list[Span]) -> None:
    hazard, curve = nelson_aalen(spans), kaplan_meier(spans)
    for total, survival in zip(hazard.mean, curve.survival, strict=True):
        assert total >= 1 - survival


@given(samples)
def test_a_group_compared_with_itself_shows_no_difference(spans: list[Span]) -> None:
    found = log_rank({"one": spans, "same": spans})
    assert found.chi2 is None or abs(found.chi2) < 1e-9
    assert found.p is None or found.p > 0.9999


def test_the_chi_square_tail_meets_printed_tables() -> None:
    printed = {1: 3.841459, 2: 5.991465, 3: 7.814728, 4: 9.487729, 5: 11.070498, 10: 18.307038}
    assert all(abs(chi_square_tail(x, degrees=k) - 0.05) < 1e-7 for k, x in printed.items())
    assert chi_square_tail(0, degrees=3) == 1


def test_an_empty_sample_answers_null() -> None:
    nothing: SurvivalCurve = kaplan_meier([])
    assert nothing.quantile(0.5) is nothing.rmst(1) is nothing.survival_at(0) is None
    assert nothing.numbers_at_risk([0]) == [0]
    assert best_split([]) is None
    assert convolve([], weeks=3) is None
    assert log_rank({"one": [], "other": []}).chi2 is None


def test_an_ending_at_zero_is_kept_and_a_late_entry_that_leaves_at_once_was_never_at_risk() -> None:
    curve = kaplan_meier([Span(0, 0, ended=True), Span(None, 5, ended=True), Span(5, 5, ended=True)])
    assert (curve.at, curve.at_risk, curve.ended) == ((0, 5), (2, 1), (1, 1))


def test_endings_precede_censorings_at_ties() -> None:
    curve = kaplan_meier([Span(None, 5, ended=True), Span(None, 5, ended=False)])
    assert curve.at_risk == (2,)
    assert curve.survival_at(5) == Fraction(1, 2)
    assert curve.survival_at(6) is None
    assert curve.censor_marks() == [(5, 1)]
