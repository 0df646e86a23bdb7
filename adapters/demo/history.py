"""A real history: the Python Enhancement Proposals, imported and measured with those still open counted."""

from collections import Counter
from pathlib import Path
from textwrap import fill, indent
from typing import Any

from rich.console import Console
from rich.table import Table

from adapters.drawing.survival import survival as survival_svg
from adapters.drawing.terminal import Point, survival
from adapters.instants import instant_of
from adapters.measuring import rows_of
from adapters.reading import Reading
from domain.values import SECONDS_PER_DAY
from projections.estimators.ageing import ending_chance
from projections.estimators.survival import kaplan_meier
from projections.measures.asking import Change, Question, Rows
from projections.measures.cases import cohort
from projections.measures.every import MEASURES, ask

ALLIANCE = "python"
CUT_OFF = "2026-08-22T18:00:15Z"
AGES_DAYS = (1, 30, 180, 730, 1_517)
OLDEST_SHOWN = 3
CLAMPED_BEFORE = 5
DAY = SECONDS_PER_DAY


def show(out: Console, reading: Reading, folder: Path) -> None:
    """Print the section, and leave the curve as a picture in a folder."""
    rows = rows_of(reading, alliance=ALLIANCE).data
    asked = Question(effective_at=instant_of(CUT_OFF, "UTC", "cut-off").seconds, drawn=True)
    times = ask(MEASURES["decision-times"], rows, asked)
    out.rule("[bold]2. A real history: 741 Python Enhancement Proposals[/bold], 2000 to August 2026", align="left")
    _counts(out, rows, times)
    _times(out, times)
    out.print(survival([Point(*point) for point in times["curve"]]))
    picture = folder / "survival.svg"
    picture.write_text(survival_svg(times), encoding="utf-8")
    out.print("      share still open (█) in its 95 % band (░), by days since proposed", style="dim")
    out.print(f"      as a picture: {picture}\n", style="dim", soft_wrap=True)
    _endings(out, rows, times)
    _ages(out, rows, asked)
    _governance(out, rows, asked)


def _counts(out: Console, rows: Rows, times: Any) -> None:
    total = len(rows.decision_times)
    decided = times["excluded"].get("first seen already decided", 0) or sum(
        row.cycles[0].status == "inherited" for row in rows.decision_times
    )
    stands = Counter(row.cycles[0].spans[-1].tier for row in rows.decision_times if row.cycles[0].status == "open")
    where = ", ".join(f"{count} {tier}" for tier, count in stands.most_common())
    clamped = sum(cycle.clamped for row in rows.decision_times for cycle in row.cycles)
    out.print(f"{total} proposals: {times['observed']} decided, {times['censored']} open ({where}),")
    out.print(f"{decided} first seen already decided: counted, but without a duration;")
    out.print(f"{clamped} clocks that went backwards ({CLAMPED_BEFORE} more had been set right in the source)\n")


def _times(out: Console, times: Any) -> None:
    table = Table("days to decision", "median", "90th percentile", box=None, pad_edge=False, show_edge=False)
    closed, quantiles, interval = times["closed_only"], times["quantiles_days"], times["interval"]
    table.add_row("closed ones only", f"{closed['median_days']:,.1f}", f"{closed['p90_days']:,.1f}")
    table.add_row(
        "open ones counted",
        f"{quantiles['0.5']:,.1f} ({_between(interval['0.5'])})",
        f"{quantiles['0.9']:,.1f} ({_between(interval['0.9'])})",
        style="bold",
    )
    out.print(table)
    out.print()


def _between(interval: list[float]) -> str:
    low, high = interval
    return f"{low:,.0f} to {high:,.0f}"


def _endings(out: Console, rows: Rows, times: Any) -> None:
    ended = Counter(row.cycles[0].ending for row in rows.decision_times if row.cycles[0].status == "ended")
    at_year = {ending: _at(points, 365) for ending, points in times["endings"].items()}
    said = ", ".join(f"{ending} {count} ({at_year[ending]:.0%})" for ending, count in ended.most_common())
    out.print(f"[bold]How they end[/bold] (and how many of all do so within a year)\n  {said}")


def _at(points: list[dict[str, Any]], days: int) -> float:
    return next(float(point["incidence"]) for point in points if point["days"] == days)


def _ages(out: Console, rows: Rows, asked: Question) -> None:
    curve = kaplan_meier(cohort(rows, asked).spans())
    chances = ((age, ending_chance(curve, age=age * DAY, within=90 * DAY)) for age in AGES_DAYS)
    said = ", ".join(f"{age:,}: {float(chance):.0%}" for age, chance in chances if chance is not None)
    out.print(f"[bold]Chance of a decision within 90 days[/bold], by age in days\n  {said}")
    oldest = ask(MEASURES["ageing"], rows, asked)["open_items"]
    oldest = sorted(oldest, key=lambda item: -item["age_days"])[:OLDEST_SHOWN]
    said = ", ".join(f"{item['decision']} {item['age_days'] / 365.25:.1f} years" for item in oldest)
    out.print(f"[bold]The oldest that are open[/bold]\n  {said}\n")


def _governance(out: Console, rows: Rows, asked: Question) -> None:
    until, start = (instant_of(day, "UTC", "change").seconds for day in ("2018-07-12", "2019-02-04"))
    change = Change(name="steering council", old_until=until, new_from=start)
    fields = {name: getattr(asked, name) for name in ("effective_at",)}
    said = ask(MEASURES["reorganization-effect"], rows, Question(**fields, change=change))["says"]
    out.print(f"[bold]Did the council of 2019 change the pace?[/bold]\n{indent(fill(said, 76), '  ')}\n")
