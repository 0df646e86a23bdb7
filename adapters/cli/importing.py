"""The command that takes a history in: `cynosure import FILE --mapping MAP`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.cli.edge import Exit, Format, at_the_edge, err, out
from adapters.cli.place import DatabaseOption, FormatOption, Place, place_at
from adapters.cli.workbook import import_workbook
from adapters.importing.history import Outcome, check_history, import_history
from domain.errors import Unreadable


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(at_the_edge(import_))


def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, XES or XLSX; plain or gzipped", show_default=False)],
    *,
    mapping: Annotated[
        Path | None, typer.Option(help="what its columns and rows mean (docs/import.md)", show_default=False)
    ] = None,
    suggest: Annotated[bool, typer.Option("--suggest", help="only look at the file, and propose a mapping")] = False,
    check: Annotated[bool, typer.Option("--check", help="judge the file, say what it says, and write nothing")] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="set bad rows, and the later rows of their decisions, aside")
    ] = False,
    aside: Annotated[
        Path | None, typer.Option(help="where to set rows aside (else FILE.set-aside.csv here)", show_default=False)
    ] = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Import a history of decisions from a file that others wrote.

    The whole file is judged first; where anything in it is wrong, every fault is named and nothing is written. Stopped
    in the middle, or with a longer export of the same source, the same command continues: rows are known by their
    identity, and one that has changed since is recorded as a correction. A workbook of `workbook new` needs no mapping.
    """
    from adapters.workbook.reading import is_workbook

    place = place_at(database, format_)
    if suggest:
        _suggest(file, place)
        return
    if mapping is None and is_workbook(file):
        import_workbook(file, place)
        return
    if mapping is None:
        raise Unreadable(
            "--mapping: say which file maps the columns and rows (docs/import.md; --suggest drafts one); without one, "
            "only a workbook of `cynosure workbook new` is taken"
        )
    if check:
        with _bar(format_) as bar:
            outcome = check_history(file, mapping, progress=_progress(bar))
        place.answer({"data": answer_of(outcome)}, lambda: _print_said(outcome))
        return
    with place.log(create=place.url.startswith("sqlite:")) as log, _bar(format_) as bar:
        outcome = import_history(log, file, mapping, keep_going=keep_going, aside_file=aside, progress=_progress(bar))
    place.answer({"data": answer_of(outcome)}, lambda: _print(outcome))
    if outcome.aside:
        raise typer.Exit(Exit.DIFFERS)


def _suggest(file: Path, place: Place) -> None:
    from adapters.importing.suggesting import suggest

    proposal = suggest(file)
    answer = {"mapping": proposal.mapping, "unsure": list(proposal.unsure)}
    place.answer({"data": answer}, lambda: typer.echo(proposal.mapping, nl=False))


def _bar(format_: Format) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, disable=format_ is Format.JSON or not err.is_terminal)


def _progress(bar: Progress) -> Callable[[str, int], None]:
    task = bar.add_task("judging", total=None)
    return lambda doing, rows: bar.update(task, description=doing, completed=rows)


def answer_of(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome of an import as it is answered to machines."""
    done = outcome.imported
    return {
        "rows": outcome.rows,
        "decisions": outcome.decisions,
        "reported": done.reported,
        "known": done.known,
        "corrected": done.corrected,
        "events": done.events,
        "first": done.first,
        "last": done.last,
        "says": dict(outcome.events),
        "first_cycles": dict(outcome.endings),
        "set_aside": outcome.aside,
        "set_aside_file": str(outcome.aside_file) if outcome.aside_file else None,
        "counts": {name: count for name, count in sorted(done.counts.items()) if count},
        "notices": list(outcome.notices),
    }


def _print_said(outcome: Outcome) -> None:
    out.print(f"{outcome.rows} rows of {outcome.decisions} decisions say, by this mapping:")
    for name, count in outcome.events.items():
        out.print(f"{count:>9,}  {name}")
    _print_endings(outcome)
    out.print("nothing was written")


def _print_endings(outcome: Outcome) -> None:
    endings = ", ".join(f"{count:,} {ending}" for ending, count in outcome.endings.items())
    out.print(f"first cycles: {endings or 'none'}", soft_wrap=True)
    for notice in outcome.notices:
        out.print(f"  {notice}", markup=False, soft_wrap=True)


def _print(outcome: Outcome) -> None:
    done = outcome.imported
    where = f", positions {done.first} to {done.last}" if done.first else ""
    out.print(f"{outcome.rows} rows of {outcome.decisions} decisions; {done.events} events written{where}")
    out.print(f"{done.reported} rows reported, {done.known} known already, {done.corrected} events corrected")
    _print_endings(outcome)
    if outcome.aside:
        err.print(
            f"{outcome.aside} rows were set aside in {outcome.aside_file}: mend it, and import it by the same mapping"
        )
