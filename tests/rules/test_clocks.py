"""Days, calendars and clocks: what is counted, what is refused, and what nobody knows."""

from collections.abc import Callable
from datetime import date

import pytest

from adapters.holiday_calendars import closures_of, frozen_calendar
from domain.calendars import Calendar, CalendarEnds, Closure, FrozenCalendar
from domain.clocks import (
    Length,
    Pause,
    count,
    count_back,
    day_of,
    first_after,
    instant_after,
    iso,
    plus_months,
    start_of,
    within_months,
)

GOOD_FRIDAY = date(2024, 3, 29)
CALENDAR = Calendar(
    "joint",
    date(2024, 1, 1),
    date(2024, 12, 31),
    {GOOD_FRIDAY: (Closure(day=GOOD_FRIDAY, place="GB-ENG", name="Good Friday"),)},
    ("GB-ENG",),
)


def test_a_day_beyond_the_frozen_dates_is_refused_and_never_guessed() -> None:
    with pytest.raises(CalendarEnds, match="holds 2024-01-01 to 2024-12-31"):
        count(Length("business_days", 10), date(2024, 12, 30), CALENDAR)


def test_the_first_and_the_last_frozen_day_are_known() -> None:
    assert [CALENDAR.closed(day) for day in (CALENDAR.first, CALENDAR.last)] == [None, None]


def test_the_next_open_day_after_a_friday_that_is_closed_is_monday() -> None:
    assert CALENDAR.next_open(date(2024, 3, 28)) == date(2024, 4, 1)


@pytest.mark.parametrize(
    ("closure", "says"),
    [
        (Closure(day=GOOD_FRIDAY), "closed"),
        (Closure(day=GOOD_FRIDAY, name="strike"), "strike"),
        (Closure(day=GOOD_FRIDAY, place="FR"), "closed [FR]"),
        (Closure(day=GOOD_FRIDAY, party="ono", name="leave"), "leave [ono]"),
    ],
)
def test_a_closure_says_its_name_and_its_place_or_party(closure: Closure, says: str) -> None:
    assert closure.says() == says


def test_a_calendar_that_never_opens_is_refused() -> None:
    shut = Calendar("shut", date(2000, 1, 1), date(2030, 1, 1), weekend=(0, 1, 2, 3, 4, 5, 6))
    with pytest.raises(CalendarEnds, match="no open day within a year"):
        shut.open_from(date(2024, 1, 1))


def test_a_closure_of_a_place_that_the_calendar_does_not_watch_changes_nothing() -> None:
    foreign = Closure(day=date(2024, 4, 2), place="FR", name="strike")
    assert CALENDAR.amended([foreign], []).closed(date(2024, 4, 2)) is None


def test_a_closure_is_taken_away_by_its_day_alone_or_by_its_place() -> None:
    assert CALENDAR.amended([], [Closure(day=GOOD_FRIDAY)]).closed(GOOD_FRIDAY) is None
    assert CALENDAR.amended([], [Closure(day=GOOD_FRIDAY, place="FR")]).closed(GOOD_FRIDAY) == "Good Friday [GB-ENG]"


def test_a_company_holiday_counts_only_where_that_company_owes_the_act() -> None:
    day = date(2024, 4, 3)
    calendar = CALENDAR.amended([Closure(day=day, party="array")], [])
    assert (calendar.closed(day, "array"), calendar.closed(day, "ono")) == ("closed [array]", None)


@pytest.mark.parametrize(
    ("roll", "due"), [("none", "2024-03-29"), ("forward", "2024-04-01"), ("backward", "2024-03-28")]
)
def test_a_due_day_that_is_closed_stays_or_rolls_as_the_charter_says(roll: str, due: str) -> None:
    counting = count(Length("calendar_days", 9), date(2024, 3, 20), CALENDAR, roll=roll)  # type: ignore[arg-type]
    assert (str(counting.due), counting.rolled_from) == (due, None if roll == "none" else GOOD_FRIDAY)


@pytest.mark.parametrize(
    ("length", "due"),
    [
        (Length("weeks", 2), "2024-03-06"),
        (Length("months", 1), "2024-02-20"),
        (Length("calendar_days", 10), "2024-03-10"),
    ],
)
def test_a_deadline_is_counted_backwards_from_the_planned_day(length: Length, due: str) -> None:
    assert str(count_back(length, date(2024, 3, 20), CALENDAR).due) == due


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert [plus_months(date(2024, 1, 31), n) for n in (1, 3, 12)] == [
        date(2024, 2, 29),
        date(2024, 4, 30),
        date(2025, 1, 31),
    ]


@pytest.mark.parametrize(
    ("length", "says", "known"),
    [
        (Length("business_days", 10), "10 business_days", True),
        (Length("business_days"), "business_days", False),
        (Length("redacted"), "redacted", False),
        (Length("redacted", 5), "5 redacted", False),
        (Length("fixed_date", month=4, day=1), "04-01 of each year", True),
    ],
)
def test_a_length_says_itself_and_whether_a_day_can_be_counted_from_it(length: Length, says: str, known: bool) -> None:  # noqa: FBT001
    assert (length.says(), length.known) == (says, known)


@pytest.mark.parametrize(
    ("length", "stated", "due"),
    [
        (Length("years", 2), None, "2026-03-20"),
        (Length("fixed_date", month=9, day=15), None, "2024-09-15"),
        (Length("fixed_date", month=3, day=20), None, "2025-03-20"),
        (Length("stated_day"), date(2024, 5, 8), "2024-05-08"),
        (Length("stated_day"), date(2024, 1, 1), "2024-03-20"),
    ],
)
def test_years_fixed_dates_and_stated_days_are_counted_as_calendar_days(
    length: Length, stated: date | None, due: str
) -> None:
    assert str(count(length, date(2024, 3, 20), CALENDAR, stated=stated).due) == due


def test_a_length_of_no_days_is_due_on_day_0() -> None:
    assert count(Length("calendar_days", 0), GOOD_FRIDAY, CALENDAR).due == GOOD_FRIDAY
    assert count(Length("business_days", 0), GOOD_FRIDAY, CALENDAR).due == GOOD_FRIDAY


@pytest.mark.parametrize("length", [Length("weeks", 10_000), Length("years", 1_000), Length("calendar_days", 40_000)])
def test_a_due_day_further_away_than_days_are_counted_is_refused_and_never_cut_short(length: Length) -> None:
    with pytest.raises(CalendarEnds, match="from 2024-03-29 are more than 40000 days"):
        count(length, GOOD_FRIDAY, CALENDAR)


def test_nothing_remains_of_a_clock_whose_due_day_is_known() -> None:
    length, start = Length("calendar_days", 9), date(2024, 3, 20)
    found = [count(length, start, CALENDAR), count(length, start, CALENDAR, roll="forward")]
    found += [count_back(Length(unit, 2), start, CALENDAR) for unit in ("weeks", "business_days")]
    assert [one.remaining for one in found] == [0, 0, 0, 0]


def test_the_29th_of_february_is_the_28th_in_other_years() -> None:
    assert [first_after(day, 2, 29) for day in (date(2024, 2, 29), date(2027, 3, 1))] == [
        date(2025, 2, 28),
        date(2028, 2, 29),
    ]


def test_a_day_ends_at_midnight_in_its_zone_also_when_the_clocks_change() -> None:
    ends = [iso(instant_after(day, "Europe/Paris")) for day in (date(2024, 3, 30), date(2024, 3, 31))]
    assert ends == ["2024-03-30T23:00Z", "2024-03-31T22:00Z"]


def test_a_year_of_uses_ends_the_day_before_its_anniversary() -> None:
    first = date(2003, 3, 3)
    assert within_months([first], 12, date(2004, 3, 2)) == [first]
    assert within_months([first], 12, date(2004, 3, 3)) == []


def test_federal_reserve_banks_stay_open_on_the_friday_before_a_saturday_holiday() -> None:
    banks, offices = (closures_of(place, range(2021, 2022)) for place in ("US-BANK", "US-FED"))
    friday = date(2021, 12, 24)
    assert (friday in banks, friday in offices) == (False, True)


@pytest.mark.parametrize("place", ["DE-BY", "US-CA", "CH-BS", "GB-ENG", "ECB", "US-WA", "JP", "CY"])
def test_countries_their_parts_and_markets_are_known_places(place: str) -> None:
    assert closures_of(place, range(2024, 2025))


def test_weekends_alone_close_nothing_else() -> None:
    frozen = frozen_calendar(places=["WEEKENDS"], first=date(2024, 1, 1), last=date(2024, 12, 31))
    assert (frozen.closures, frozen.source and frozen.source.split()[1]) == ((), "holidays")


LEAVE = Closure(day=date(2024, 4, 1), party="ono", name="leave")
OBLIGED = CALENDAR.amended([LEAVE], [])
SHUT = Calendar("shut", date(2000, 1, 1), date(2030, 1, 1), weekend=(0, 1, 2, 3, 4, 5, 6))


@pytest.mark.parametrize(
    "asked",
    [
        lambda: CALENDAR.closed(date(2025, 1, 1)),
        lambda: SHUT.open_until(date(2024, 1, 1)),
        lambda: count(Length("weeks", 10_000), GOOD_FRIDAY, CALENDAR),
    ],
)
def test_a_day_that_no_calendar_can_tell_is_refused_by_one_rule(asked: Callable[[], object]) -> None:
    with pytest.raises(CalendarEnds) as refused:
        asked()
    assert refused.value.rule == "calendar_ends"


def test_a_day_off_of_whoever_owes_the_act_moves_what_they_owe_and_nothing_else() -> None:
    before = date(2024, 3, 28)
    assert [OBLIGED.next_open(before, who).day for who in ("ono", "array", None)] == [2, 1, 1]
    assert [OBLIGED.open_from(LEAVE.day, who).day for who in ("ono", "array")] == [2, 1]
    assert [OBLIGED.open_until(LEAVE.day, who).day for who in ("ono", "array")] == [28, 1]
    rolled = [
        count(Length("calendar_days", 4), before, OBLIGED, roll="forward", obligor=who).due for who in ("ono", None)
    ]
    assert rolled == [date(2024, 4, 2), date(2024, 4, 1)]
    back = [count_back(Length("business_days", 2), date(2024, 4, 3), OBLIGED, obligor=who).due for who in ("ono", None)]
    assert back == [date(2024, 3, 28), date(2024, 4, 1)]
    counted = [
        count(Length("business_days", 1), before, OBLIGED, roll="forward", obligor=who).due for who in ("ono", None)
    ]
    assert counted == [date(2024, 4, 2), date(2024, 4, 1)]


def test_a_closed_day_says_why_and_a_weekend_says_so() -> None:
    twice = CALENDAR.amended([Closure(day=GOOD_FRIDAY, name="strike")], [])
    assert twice.closed(GOOD_FRIDAY) == "Good Friday [GB-ENG], strike"
    assert twice.closed(date(2024, 3, 30)) == "weekend"


def test_taking_away_what_was_never_closed_changes_nothing() -> None:
    assert CALENDAR.amended([], [Closure(day=date(2024, 5, 1))]) == CALENDAR


def test_a_frozen_calendar_opens_with_every_closure_its_places_and_its_weekend() -> None:
    holiday, strike = (Closure(day=GOOD_FRIDAY, name=name) for name in ("holiday", "strike"))
    frozen = FrozenCalendar(
        first=date(2024, 1, 1), last=date(2024, 12, 31), places=("FR",), weekend=(4,), closures=(holiday, LEAVE, strike)
    )
    assert frozen.opened("joint") == Calendar(
        "joint",
        date(2024, 1, 1),
        date(2024, 12, 31),
        {GOOD_FRIDAY: (holiday, strike), LEAVE.day: (LEAVE,)},
        ("FR",),
        (4,),
    )


def test_counting_backwards_shows_each_day_its_number_or_why_it_was_left_out() -> None:
    shown = [
        (one.day.day, one.number, one.skipped)
        for one in count_back(Length("business_days", 2), date(2024, 4, 2), CALENDAR).days
    ]
    assert shown == [
        (1, 1, None),
        (31, None, "weekend"),
        (30, None, "weekend"),
        (29, None, "Good Friday [GB-ENG]"),
        (28, 2, None),
    ]
    [day] = count_back(Length("months", 1), date(2024, 3, 20), CALENDAR).days
    assert (day.day, day.number, day.skipped) == (date(2024, 2, 20), 29, None)


def test_a_day_that_is_open_is_due_as_it_was_counted_and_the_counting_is_kept() -> None:
    counting = count(Length("calendar_days", 2), date(2024, 3, 19), CALENDAR, roll="forward")
    assert (counting.due, counting.rolled_from, [one.number for one in counting.days]) == (
        date(2024, 3, 21),
        None,
        [1, 2],
    )


def test_a_paused_day_says_every_cause_of_its_pauses_once() -> None:
    since, until = date(2024, 3, 18), date(2024, 3, 20)
    pauses = [Pause(str(n), cause, since, until) for n, cause in enumerate(("war", "strike", "war"))]
    days = count(Length("calendar_days", 2), date(2024, 3, 18), CALENDAR, pauses=pauses).days
    assert [(one.day.day, one.skipped) for one in days] == [
        (19, "paused: strike, war"),
        (20, "paused: strike, war"),
        (21, None),
        (22, None),
    ]


def test_a_length_of_no_months_or_years_is_due_on_day_0() -> None:
    assert [count(Length(unit, 0), GOOD_FRIDAY, CALENDAR).due for unit in ("months", "years")] == [GOOD_FRIDAY] * 2
    assert count_back(Length("months", 0), GOOD_FRIDAY, CALENDAR).due == GOOD_FRIDAY
    assert count_back(Length("business_days", 0), GOOD_FRIDAY, CALENDAR).due == GOOD_FRIDAY


def test_an_instant_lies_on_its_day_in_the_zone_and_says_its_seconds_only_where_it_has_some() -> None:
    midnight = start_of(date(2024, 1, 1), "UTC")
    assert [day_of(midnight - 1, zone) for zone in ("UTC", "Asia/Tokyo")] == [date(2023, 12, 31), date(2024, 1, 1)]
    assert [iso(midnight), iso(midnight + 61), iso(midnight + 3_600)] == [
        "2024-01-01T00:00Z",
        "2024-01-01T00:01:01Z",
        "2024-01-01T01:00Z",
    ]
