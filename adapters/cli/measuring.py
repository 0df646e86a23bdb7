"""The command that measures: any of fifteen measures, or all, as text, JSON, CSV, SVG or one page."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from rich.table import Table as Printed

from adapters.cli import questions as q
from adapters.cli.asking import Asking, asks
from adapters.cli.edge import out
from adapters.drawing.cells import cell, csv_text
from adapters.drawing.measures import picture
from adapters.drawing.page import Section, counted, page
from adapters.instants import say_instant
from adapters.measuring import effective_now, rows_of, undisturbed
from adapters.reading import Answer
from adapters.working_calendars import charter_calendars
from domain.errors import Refused, Unreadable
from projections.measures.asking import Question, Rows, Table
from projections.measures.every import MEASURES, ask

ALL = "all"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(asks(measure))


def measure(
    asking: Asking,
    name: q.NameArgument,
    *,
    group_by: q.GroupOption = None,
    where: q.WhereOption = None,
    effective_at: q.EffectiveOption = None,
    clock: q.ClockOption = "elapsed",
    cycles: q.CyclesOption = "first",
    at_days: q.DaysOption = None,
    within_days: q.WithinOption = 90,
    change: q.ChangeOption = None,
    baseline_years: q.BaselineOption = "5,8",
    window: q.WindowOption = None,
    weeks: q.WeeksOption = 12,
    seed: q.SeedOption = 1,
    works_in: q.WorksInOption = None,
    html: q.PageOption = None,
    svg: q.PicturesOption = None,
    csv: q.TablesOption = None,
) -> None:
    """Measure how long decisions take, where the time goes, and what that can honestly be compared with.

    Every answer says how many it counted, what is still open, what was left out and why, its window, clock and
    baseline.
    """
    if name != ALL and name not in MEASURES:
        raise Unreadable(f"{name}: there is no measure of that name; choose all or one of {', '.join(MEASURES)}")
    question = q.question_of(
        effective_at=effective_at,
        clock=clock,
        cycles=cycles,
        group_by=group_by,
        where=where or [],
        at_days=at_days,
        within_days=within_days,
        change=change,
        baseline_years=baseline_years,
        window=window,
        weeks=weeks,
        seed=seed,
        works_in=works_in or [],
        drawn=bool(html or svg),
    )
    with undisturbed():
        of, answer, question = _read(asking, question)
        sections = _sections(list(MEASURES) if name == ALL else [name], answer.data, question, strict=name != ALL)
    empty = replace(answer, data=Rows(), effective_at=question.effective_at)
    words = empty.words(data=_data(sections, single=name != ALL))
    _keep(sections, words, of or _all_of(answer.data), html=html, svg=svg, csv=csv)
    asking.place.answer(words, lambda: _print(sections, question))


def _read(asking: Asking, question: Question) -> tuple[str | None, Answer[Rows], Question]:
    """Return the alliance, its rows, and the question with its instant and calendars."""
    with asking.place.reading(fresh=asking.fresh) as (log, reading):
        of = asking.about(log) if asking.alliance else None
        then = asking.known(log)
        answer = rows_of(reading, alliance=of, known_at=then)
        if not question.effective_at:
            now = time.time() if then is None or then.recorded_at is None else then.recorded_at / 1_000_000
            question = replace(question, effective_at=effective_now(answer, now=int(now)))
        only = of or _only_alliance(answer.data)
        if only and not question.calendars:
            at, upto = question.effective_at, answer.position
            calendars, called = charter_calendars(log, answer.data, only, at=at, position=upto)
            question = replace(question, calendars=calendars, calendar=called)
    return of, answer, question


def _keep(
    sections: list[Section],
    words: dict[str, Any],
    of: str,
    *,
    html: Path | None,
    svg: Path | None,
    csv: Path | None,
) -> None:
    if html:
        _write(html, page(sections, words, title=f"How decisions are made: {of}"))
    if svg:
        _pictures(svg, sections)
    if csv:
        _csvs(csv, sections)


def _only_alliance(rows: Rows) -> str | None:
    names = {row.alliance for row in rows.periods}
    return names.pop() if len(names) == 1 else None


def _all_of(rows: Rows) -> str:
    return ", ".join(sorted({row.alliance for row in rows.periods})) or "every alliance"


def _sections(names: list[str], rows: Rows, question: Question, *, strict: bool) -> list[Section]:
    sections = []
    for name in names:
        try:
            sections.append(Section(MEASURES[name], ask(MEASURES[name], rows, question)))
        except Refused as refusal:
            if strict:
                raise
            sections.append(Section(MEASURES[name], None, refusal.says))
    return sections


def _data(sections: list[Section], *, single: bool) -> Any:
    told = {each.measure.name: each.data if each.data is not None else {"refused": each.refused} for each in sections}
    return next(iter(told.values())) if single else told


def _print(sections: list[Section], question: Question) -> None:
    out.print(f"as it was at {say_instant(question.effective_at)}", style="dim")
    for section in sections:
        out.print(f"\n[bold]{section.measure.asks}[/bold]")
        if section.data is None:
            out.print(f"not answered: {section.refused}", markup=False, soft_wrap=True)
            continue
        out.print(counted(section.data), style="dim", markup=False, soft_wrap=True)
        for flag in section.data["flags"]:
            out.print(flag, style="red", markup=False, soft_wrap=True)
        for table in section.measure.tables(section.data):
            _print_table(table)
        if "groups" in section.data:
            _print_table(section.measure.groups_table(section.data))
            _print_difference(section.data)


def _print_difference(data: Any) -> None:
    if (p := data.get("groups_differ", {}).get("p")) is not None:
        out.print(f"log-rank test over the groups: p = {p:.2g}; it says whether they differ, not why", soft_wrap=True)


def _print_table(table: Table) -> None:
    printed = Printed(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(table.columns):
        printed.add_column(column, justify="right" if number else "left", no_wrap=not number)
    for row in table.rows:
        printed.add_row(*(cell(column, value) for column, value in zip(table.columns, row, strict=True)))
    out.print(f"\n{table.title}" if table.rows else f"\n{table.title}: nothing to show", markup=False, soft_wrap=True)
    if table.rows:
        out.print(printed)


def _pictures(folder: Path, sections: list[Section]) -> None:
    for section in sections:
        drawn = picture(section.measure.name, section.data) if section.data else None
        if drawn:
            _write(folder / f"{section.measure.name}.svg", drawn)


def _csvs(folder: Path, sections: list[Section]) -> None:
    for section in sections:
        for number, table in enumerate(_tables(section), start=1):
            _write(folder / f"{section.measure.name}-{number}.csv", csv_text(table))


def _tables(section: Section) -> list[Table]:
    if section.data is None:
        return []
    groups = [section.measure.groups_table(section.data)] if "groups" in section.data else []
    return [*section.measure.tables(section.data), *groups]


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{path}: cannot be written: {error.strerror}") from error
