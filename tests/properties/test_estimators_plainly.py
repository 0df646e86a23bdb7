"""Each estimator beside the plainest way to count the same, and at the edges of what it is given."""

from datetime import date, time
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.estimators.at_risk import Span
from projections.estimators.change_point import best_split
from projections.estimators.cusum import run_length
from projections.estimators.flow import Stay, flow, ledger
from projections.estimators.follow_up import split_span
from projections.estimators.forecast import simulate
from projections.estimators.intervals import Interval, clipped
from projections.estimators.log_rank import log_rank
from projections.estimators.recurrence import Recurrent, mean_cumulative
from projections.estimators.samples import sample
from projections.estimators.survival import kaplan_meier
from projections.estimators.working_time import WorkingHours, shared_seconds

few = st.integers(0, 20)
shares = st.fractions(0, 1, max_denominator=12)
stays = st.lists(st.builds(Stay, few, st.one_of(st.none(), few)), max_size=12)
units = st.lists(
    st.builds(Recurrent, st.one_of(st.none(), st.integers(0, 9)), few, st.lists(few, max_size=4).map(tuple)),
    max_size=12,
)
spans = st.lists(st.builds(Span, st.one_of(st.none(), st.integers(0, 9)), few, st.booleans()), min_size=1, max_size=15)


@given(st.lists(few, min_size=1, max_size=12), shares)
def test_a_quantile_lies_between_its_neighbours_in_the_list(values: list[int], p: Fraction) -> None:
    ordered, place = sorted(values), (len(values) - 1) * p
    below, above = ordered[floor(place)], ordered[ceil(place)]
    assert sample(values).quantile(p) == below + (place - floor(place)) * (above - below)


@given(st.lists(few, min_size=1, max_size=12), shares)
def test_the_nearest_rank_has_the_share_at_or_below_it(values: list[int], p: Fraction) -> None:
    found = sample(values).nearest_rank(p)
    enough = [value for value in sorted(values) if sum(other <= value for other in values) >= p * len(values)]
    assert found == enough[0]


@given(stays, few, few)
def test_a_window_of_the_ledger_counts_what_a_pass_over_all_counts(seen: list[Stay], lo: int, hi: int) -> None:
    forwards = [stay if stay.closed is None else Stay(stay.opened, max(stay.opened, stay.closed)) for stay in seen]
    lo, hi = min(lo, hi), max(lo, hi) + 1
    found, counted = ledger(seen), flow(forwards, lo=lo, hi=hi)
    assert found.between(lo, hi) == (counted.arrivals, counted.departures)
    assert found.area(lo, hi) == counted.area_by_sweep
    assert found.open_at(lo) == counted.at_start


@given(units, few)
def test_the_mean_number_adds_what_happened_over_who_was_at_risk(seen: list[Recurrent], t: int) -> None:
    followed = [unit for unit in seen if not unit.entry or unit.entry < unit.exit]
    mean = Fraction(0)
    for at in range(t + 1):
        here = [unit for unit in followed if (unit.entry or -1) < at <= unit.exit]
        if here:
            mean += Fraction(sum(unit.times.count(at) for unit in here), len(here))
    last = max((unit.exit for unit in followed), default=None)
    assert mean_cumulative(seen).mean_at(t) == (None if last is None or t > last else mean)


@given(spans)
def test_the_interval_at_a_time_is_that_of_the_last_ending_before_it(seen: list[Span]) -> None:
    curve = kaplan_meier(seen)
    assert curve.limits_at(-1) == (1.0, 1.0)
    for at, following, limits in zip(curve.at, (*curve.at, 10**9)[1:], curve.limits, strict=True):
        assert curve.limits_at(at) == curve.limits_at(following - 1) == (limits or (None, None))


@given(st.lists(spans, min_size=3, max_size=4))
def test_groups_differ_as_much_in_whatever_order_they_are_named(groups: list[list[Span]]) -> None:
    named = {str(number): group for number, group in enumerate(groups)}
    found = log_rank(named)
    other = log_rank(dict(reversed(named.items())))
    assert other.degrees == found.degrees
    if found.chi2 is not None and other.chi2 is not None:
        assert other.chi2 == pytest.approx(found.chi2, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("at", [0, 3, 5, 9, 12])
def test_follow_up_is_not_split_at_or_beyond_its_edges(at: int) -> None:
    span = Span(3, 9, ended=True)
    pieces = [Span(3, 5, ended=False), Span(5, 9, ended=True)] if at == 5 else [span]
    assert split_span(span, at) == pieces


def test_nothing_is_simulated_from_no_weeks_or_in_no_run() -> None:
    assert simulate([], weeks=2, runs=5, seed=1) is None
    assert simulate([1, 2], weeks=2, runs=0, seed=1) is None
    assert simulate([1, 2], weeks=2, runs=1, seed=1) is not None


def test_hours_are_shared_with_the_other_side_of_the_date_line_whatever_its_date() -> None:
    tokyo, seattle = (WorkingHours(ZoneInfo(zone), time(9), time(18)) for zone in ("Asia/Tokyo", "America/Los_Angeles"))
    assert shared_seconds(date(2026, 1, 14), tokyo, seattle) == 2 * 3_600
    assert shared_seconds(date(2026, 1, 14), seattle, tokyo) == 2 * 3_600


def test_a_level_that_is_reached_exactly_is_reached_though_floats_miss_it_by_a_hair() -> None:
    left = {Span(None, 1, ended=True): 2, Span(None, 1, ended=False): 2, Span(None, 2, ended=True): 10}
    left |= {Span(None, 2, ended=False): 1, Span(None, 3, ended=True): 7, Span(None, 4, ended=False): 6}
    exact = kaplan_meier(left)
    many = kaplan_meier({span: 400 * count for span, count in left.items()})
    assert exact.survival_at(3) == Fraction(1, 4)
    assert float(many.survival_at(3) or 0) > 0.25
    assert many.quantile(0.75) == exact.quantile(0.75) == 3


@given(spans)
def test_the_interval_of_no_share_and_of_all_is_told_too(seen: list[Span]) -> None:
    curve = kaplan_meier(seen)
    first = next((at for at, limits in zip(curve.at, curve.limits, strict=True) if limits), None)
    assert curve.quantile_interval(0) == (first, first)
    assert curve.quantile_interval(1) == (None, None)


@given(st.lists(st.integers(-50, 50), min_size=4, max_size=20))
def test_the_error_without_a_split_is_that_around_the_mean(series: list[int]) -> None:
    found, mean = best_split(series), Fraction(sum(series), len(series))
    assert found is not None
    assert found.sse_unsplit == sum((value - mean) ** 2 for value in series)


@pytest.mark.parametrize(
    ("threshold", "shift", "values"), [(4.0, 0.0, 338.1), (5.0, 0.0, 938.2), (5.0, 1.0, 10.3), (5.0, 0.5, 38.0)]
)
def test_a_cusum_runs_as_long_as_the_tables_say(threshold: float, shift: float, values: float) -> None:
    found = run_length(slack_sigmas=0.5, threshold_sigmas=threshold, shift_sigmas=shift)
    assert found == pytest.approx(values, abs=0.06)


def test_nothing_is_left_of_an_interval_that_only_touches_the_window() -> None:
    assert clipped([Interval(0, 5), Interval(5, 5), Interval(9, 12)], 5, 9) == []


def test_what_arrives_or_leaves_at_the_edge_of_a_window_counts_in_the_later_one() -> None:
    one = ledger([Stay(3, 7)])
    assert [one.between(*window) for window in ((0, 3), (3, 7), (7, 9))] == [(0, 0), (1, 0), (0, 1)]
