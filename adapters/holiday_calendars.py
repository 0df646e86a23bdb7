"""Places of a charter's calendar turned into dates, once, when the charter is adopted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from domain.calendars import Calendar, Closure, FrozenCalendar
from domain.errors import Unreadable

ENGLISH = "en_US"
SUNDAY = 6
ONE_DAY = timedelta(days=1)
Dates = Mapping[date, str]


def frozen_calendar(
    *,
    places: Sequence[str],
    first: date,
    last: date,
    plus: Iterable[Closure] = (),
    minus: Iterable[Closure] = (),
    weekend: tuple[int, ...] = (5, 6),
) -> FrozenCalendar:
    """Return the closures of all places between two days, as dates, with the version of the library they came from.

    Raise Unreadable for a place that the library does not know.
    """
    from holidays.version import __version__ as version

    years = range(first.year, last.year + 1)
    found = [
        Closure(day=day, place=place, name=name)
        for place in places
        for day, name in sorted(closures_of(place, years).items())
        if first <= day <= last
    ]
    plain = FrozenCalendar(first=first, last=last, places=tuple(places), weekend=weekend, closures=tuple(found))
    everywhere = [one.model_copy(update={"name": one.name or "added"}) for one in plus]
    calendar = plain.opened("frozen").amended((), minus)
    return plain.model_copy(
        update={
            "closures": tuple(_listed(calendar)) + tuple(everywhere),
            "source": f"python holidays {version}",
        }
    )


def closures_of(place: str, years: range) -> Dates:
    """Return the closed days of one place: a name of our own, a country (`FR`) or a subdivision (`DE-BY`).

    Raise Unreadable for a place that nobody knows.
    """
    own = OWN_PLACES.get(place)
    return own(years) if own else _public(place, years)


def _listed(calendar: Calendar) -> list[Closure]:
    return [one for day in sorted(calendar.closures) for one in calendar.closures[day]]


@cache  # a charter's calendars are frozen when it is compiled, and again when it is stored
def _public(place: str, years: range, categories: tuple[str, ...] = ("public",)) -> Dates:
    import holidays

    country, _, subdivision = place.partition("-")
    parts = holidays.list_supported_countries().get(country)
    if place in holidays.list_supported_financial():
        return dict(holidays.financial_holidays(place, years=years).items())
    if parts is None or (subdivision and subdivision not in parts):
        says = f"place {place!r}: no calendar is known by that name; write a country (FR), a part (DE-BY) or one of "
        raise Unreadable(says + ", ".join(sorted(OWN_PLACES)))
    known = holidays.country_holidays(country, subdiv=subdivision or None).supported_categories
    chosen = tuple(one for one in categories if one in known)
    found = holidays.country_holidays(
        country, subdiv=subdivision or None, years=years, language=ENGLISH, categories=chosen
    )
    return dict(found.items())


def _federal_reserve(years: range) -> Dates:
    """Source: Federal Reserve Banks stay open on the Friday before a Saturday holiday; a Sunday one moves to Monday."""
    import holidays

    plain = holidays.country_holidays("US", years=years, observed=False)
    return {day + ONE_DAY if day.weekday() == SUNDAY else day: name for day, name in plain.items()}


def _washington_banks(years: range) -> Dates:
    closed = _federal_reserve(years)
    thanksgivings = [day for day, name in closed.items() if "Thanksgiving" in name]
    return {**closed} | {day + ONE_DAY: "Native American Heritage Day" for day in thanksgivings}


def _none(years: range) -> Dates:  # noqa: ARG001 - every place is asked for its years
    return {}


OWN_PLACES: dict[str, Callable[[range], Dates]] = {
    "WEEKENDS": _none,
    "US-BANK": _federal_reserve,
    "US-FED": lambda years: _public("US", years),
    "US-WA": _washington_banks,
    "JP": lambda years: _public("JP", years, ("public", "bank")),
    "CY": lambda years: _public("CY", years, ("public", "bank")),
}
