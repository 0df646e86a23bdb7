"""Commands of the workbook: write one, and record what one changes."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.edge import Format, at_the_edge, out
from adapters.cli.place import DatabaseOption, FormatOption, Place, place_at
from adapters.handling import Handler, events_of
from adapters.items import Item
from domain.corrections import in_effect
from domain.errors import CynosureError, Impossible, Refused, Unreadable

workbooks = typer.Typer(
    no_args_is_help=True, help="Work in a spreadsheet: write a workbook; `cynosure import` takes it."
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    workbooks.command("new")(at_the_edge(new))
    app.add_typer(workbooks, name="workbook")


def new(
    file: Annotated[Path, typer.Argument(help="where to write it, such as alliance.xlsx", show_default=False)],
    *,
    alliance: Annotated[str | None, typer.Option(help="fill it with what the log knows of this alliance")] = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Write a workbook with a sheet for each family, its rules beside each column.

    Fill it, or edit it, and take it in with `cynosure import FILE.xlsx`: it is judged whole, and only what changed is
    recorded. A row that is taken out ends nothing.
    """
    from adapters.workbook.writing import write_workbook

    place = place_at(database, format_)
    if file.suffix.lower() != ".xlsx":
        raise Unreadable(f"{file}: a workbook is called .xlsx")
    rows = _known(place, alliance) if alliance else {}
    write_workbook(file, rows)
    says = f"wrote {file}; fill it, then: cynosure import {file}"
    place.answer({"data": {"file": str(file), "rows": {name: len(found) for name, found in rows.items()}}}, says)


def _known(place: Place, alliance: str) -> dict[str, list[dict[str, Any]]]:
    from adapters.workbook.known import rows_of

    with place.log() as log:
        if alliance not in log.alliances():
            raise Refused(f"there is no alliance {alliance!r} in this log", rule="formed_first")
        last = log.pages(log.head() - 1, 1)[0].recorded_at
        as_of = datetime.fromtimestamp(last // 1_000_000, UTC).date().isoformat()
        events = in_effect(events_of(log, alliance, upto=log.head()))
        return rows_of(Handler(log).book(alliance), events, as_of=as_of)


def import_workbook(file: Path, place: Place) -> None:
    """Judge a workbook whole, record what it changes, and say what was taken out of it."""
    from adapters.workbook.changes import changes
    from adapters.workbook.fixed import faults_of, left_out
    from adapters.workbook.known import rows_of
    from adapters.workbook.reading import read_workbook

    sheets = read_workbook(file)
    alliance = sheets["alliance"][0].get("alliance")
    with place.log(create=place.url.startswith("sqlite:")) as log:
        handler = Handler(log)
        book = handler.book(alliance)
        known = rows_of(book, in_effect(events_of(log, alliance, upto=book.position)))
        if fixed := list(faults_of(sheets, known)):
            raise Unreadable(*fixed)
        items = changes(sheets, book, known)
        judged = handler.judge((item.message, item.envelope, item.digest) for item in items)
        faults = [_fault(item, error) for item, error in zip(items, judged, strict=True) if error is not None]
        if faults:
            raise Unreadable(*faults)
        receipts = [(item, handler.handle(item.message, item.envelope, digest=item.digest)) for item in items]
    recorded: list[Item] = [item for item, receipt in receipts if not receipt.repeated]
    counted = Counter(type(item.message).__name__ for item in recorded)
    gone = left_out(sheets, known)
    said = {"alliance": alliance, "recorded": len(recorded), "events": dict(sorted(counted.items())), "left_out": gone}
    place.answer({"data": said}, lambda: _print(file, counted, gone))


def _fault(item: Item, error: CynosureError) -> str:
    rule = f" (rule: {error.rule})" if isinstance(error, Refused | Impossible) else ""
    return f"{item.where}: {error}{rule}"


def _print(file: Path, counted: Counter[str], gone: dict[str, list[str]]) -> None:
    from adapters.workbook.fixed import ENDED_BY

    said = f"{counted.total()} recorded" if counted else "nothing has changed since it was recorded"
    out.print(f"{file}: {said}", markup=False)
    for name, number in sorted(counted.items()):
        out.print(f"  {number:>5}  {name}", markup=False)
    for sheet, keys in gone.items():
        out.print(f"not on the sheet {sheet}, and still in the log: {', '.join(keys)}", markup=False, soft_wrap=True)
        out.print(f"  a row that is taken out ends nothing; {ENDED_BY[sheet]}", markup=False, soft_wrap=True)
