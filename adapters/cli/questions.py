"""How a question to a measure is said on the command line: its options, and what they mean."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from adapters.holiday_calendars import closures_of
from adapters.instants import instant_of
from domain.errors import Unreadable
from domain.values import SECONDS_PER_DAY
from projections.estimators.working_time import Closures
from projections.measures.asking import DAYS_SHOWN, Change, Clock, Question, WorkCalendar
from projections.measures.every import MEASURES
from projections.measures.grouping import GROUPINGS

YEARS_OF_CLOSURES = (1990, 2061)
CLOCKS = ("elapsed", "active", "business")
CYCLES = ("first", "all")

NameArgument = Annotated[str, typer.Argument(help=f"{', '.join(MEASURES)}, or all", show_default=False)]
GroupOption = Annotated[str | None, typer.Option(help=f"{', '.join(GROUPINGS)}, or an attribute")]
WhereOption = Annotated[list[str] | None, typer.Option(help="only decisions of which this is so: matter=pricing")]
EffectiveOption = Annotated[
    str | None, typer.Option(help="as it was at the end of a day, or at an instant; now by default")
]
ClockOption = Annotated[str, typer.Option(help="elapsed, active (without pauses) or business")]
CyclesOption = Annotated[str, typer.Option(help="first, or all: also what was reopened")]
DaysOption = Annotated[str | None, typer.Option(help="the days at which curves are read: 7,30,90")]
WithinOption = Annotated[int, typer.Option(min=1, help="ageing: how soon, in days")]
ChangeOption = Annotated[
    str | None, typer.Option(help="before and after a day, or OLD_UNTIL..NEW_FROM; else the last reorganization")
]
BaselineOption = Annotated[str, typer.Option(help="how many years before a change are comparable: 5,8")]
WindowOption = Annotated[str | None, typer.Option(help="flow: FROM..UNTIL, two days")]
WeeksOption = Annotated[int, typer.Option(min=1, max=520, help="forecast: how many weeks ahead")]
SeedOption = Annotated[int, typer.Option(help="forecast: the seed of the simulation")]
WorksInOption = Annotated[
    list[str] | None, typer.Option(help="by whose calendar a party works: acme=FR, or acme=FR@Europe/Paris")
]
PageOption = Annotated[Path | None, typer.Option(help="write one self-contained page here")]
PicturesOption = Annotated[Path | None, typer.Option(help="write pictures into this folder")]
TablesOption = Annotated[Path | None, typer.Option(help="write tables as CSV into this folder")]


def question_of(
    *,
    effective_at: str | None,
    clock: str,
    cycles: str,
    group_by: str | None,
    where: list[str],
    at_days: str | None,
    within_days: int,
    change: str | None,
    baseline_years: str,
    window: str | None,
    weeks: int,
    seed: int,
    works_in: list[str],
    drawn: bool,
) -> Question:
    """Return the question that options ask, its instant 0 where none is said. Raise Unreadable, naming the option."""
    return Question(
        effective_at=0 if effective_at is None else _end_of(effective_at, "--effective-at"),
        clock=cast("Clock", _one_of(clock, CLOCKS, "--clock")),
        cycles=cast("Any", _one_of(cycles, CYCLES, "--cycles")),
        group_by=group_by,
        where=dict(_pair(each, "--where") for each in where),
        at_days=_numbers(at_days, "--at-days") if at_days else DAYS_SHOWN,
        within_days=within_days,
        change=_change(change),
        baseline_years=_numbers(baseline_years, "--baseline-years"),
        window=_window(window),
        weeks=weeks,
        seed=seed,
        calendars=dict(_calendar(each) for each in works_in),
        calendar=", ".join(works_in) or "weekdays",
        drawn=drawn,
    )


def _end_of(said: str, option: str) -> int:
    instant = instant_of(said, "UTC", option)
    return instant.seconds + (SECONDS_PER_DAY if instant.precision == "day" else 0)


def _one_of(said: str, known: tuple[str, ...], option: str) -> str:
    if said not in known:
        raise Unreadable(f"{option}: {said!r} is none of {', '.join(known)}")
    return said


def _pair(said: str, option: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals or not name:
        raise Unreadable(f"{option}: {said!r} must read NAME=VALUE")
    return name, value


def _numbers(said: str, option: str) -> tuple[int, ...]:
    parts = [part.strip() for part in said.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() for part in parts):
        raise Unreadable(f"{option}: {said!r} must be whole numbers with commas between: 7,30,90")
    return tuple(sorted({int(part) for part in parts}))


def _change(said: str | None) -> Change | None:
    if said is None:
        return None
    until, _, since = said.partition("..")
    first = instant_of(until, "UTC", "--change").seconds
    second = instant_of(since, "UTC", "--change").seconds if since else first
    if second < first:
        raise Unreadable(f"--change: {since} lies before {until}")
    return Change(name=said, old_until=first, new_from=second)


def _window(said: str | None) -> tuple[int, int] | None:
    if said is None:
        return None
    since, dots, until = said.partition("..")
    if not dots:
        raise Unreadable(f"--window: {said!r} must read FROM..UNTIL")
    edges = instant_of(since, "UTC", "--window").seconds, instant_of(until, "UTC", "--window").seconds
    if edges[1] <= edges[0]:
        raise Unreadable(f"--window: {until} does not lie after {since}")
    return edges


def _calendar(said: str) -> tuple[str, WorkCalendar]:
    party, place = _pair(said, "--works-in")
    where, _, zone = place.partition("@")
    instant_of("2026-01-01", zone or "UTC", "--works-in")
    closed = frozenset(closures_of(where, range(*YEARS_OF_CLOSURES)))
    return party, WorkCalendar(Closures(closed), zone or "UTC")
