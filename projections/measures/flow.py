"""Flow balance: what came in, what went out, what was open; area under work in progress = dwell, exactly."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from projections.estimators.flow import Flow, Ledger, Stay, flow, ledger
from projections.measures.asking import Measure, Question, Rows, Table, figures
from projections.measures.cases import cohort, counted, days, refuse_cohort_figures, window

POINTS_MAX = 200


def answer(rows: Rows, question: Question) -> dict[str, Any]:
    """Answer whether as much leaves as comes. Raise Refused for a history selected on its closing date."""
    refuse_cohort_figures(rows, "arrivals and work in progress")
    chosen = cohort(rows, question)
    stays = [
        Stay(stay.opened, stay.closed if stay.closed is not None and stay.closed <= question.effective_at else None)
        for row in rows.flow
        for stay in row.stays
        if stay.opened <= question.effective_at and (stay.cycle == 1 or question.cycles == "all")
    ]
    seen = window(chosen, rows)
    lo, hi = question.window or (seen["from"] or 0, question.effective_at)
    counts = ledger(stays)
    return (
        counted(chosen, rows)
        | {
            "baseline": "what closed in the window, which forgets what was open at its edges",
            "window": {"from": lo, "until": hi},
            "flow": _told(flow(stays, lo=lo, hi=hi)),
            "by_year": [_year(counts, *year) for year in _years(lo, hi)],
        }
        | ({"cumulative": _points(counts, lo, hi)} if question.drawn else {})
    )


def _told(found: Flow) -> dict[str, Any]:
    mean, naive = found.mean_open, found.naive_open
    return {
        "arrivals": found.arrivals,
        "departures": found.departures,
        "area_decision_days": days(found.area_by_dwell),
        "area_by_sweep_decision_days": days(found.area_by_sweep),
        "identity_holds": found.area_by_sweep == found.area_by_dwell,
        "mean_open": None if mean is None else float(mean),
        "open_at_start": found.at_start,
        "open_at_end": found.at_end,
        "days_per_arrival": days(found.area_per_arrival),
        "naive_mean_open": None if naive is None else float(naive),
    }


def _years(lo: int, hi: int) -> list[tuple[int, int, int]]:
    first, last = (datetime.fromtimestamp(instant, UTC).year for instant in (lo, max(lo, hi - 1)))
    starts = {year: int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in range(first, last + 2)}
    return [(year, max(lo, starts[year]), min(hi, starts[year + 1])) for year in range(first, last + 1)]


def _year(counts: Ledger, year: int, lo: int, hi: int) -> dict[str, Any]:
    arrived, departed = counts.between(lo, hi)
    mean = counts.area(lo, hi) / (hi - lo) if hi > lo else None
    return {
        "year": year,
        "arrivals": arrived,
        "departures": departed,
        "mean_open": mean,
        "open_at_end": counts.open_at(hi),
    }


def _points(counts: Ledger, lo: int, hi: int) -> list[list[int]]:
    """Return [instant, arrived, departed] at evenly spaced instants."""
    width = max(1, (hi - lo) // POINTS_MAX)
    return [[t, counts.arrived(t), counts.departed(t)] for t in [*range(lo, hi, width), hi]]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Return what people read of it."""
    return [
        figures("In the window", data["flow"]),
        Table(
            "Year by year",
            ("year", "arrived", "left", "open on average", "open at the end"),
            tuple(tuple(year.values()) for year in data["by_year"]),
        ),
    ]


MEASURE = Measure("flow", "Does as much leave as comes?", answer, tables)
