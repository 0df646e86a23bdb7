"""Commands for analysis: keep the log as Parquet files, and ask them in SQL."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adapters.cli.edge import Format, at_the_edge, err, out, stopping
from adapters.cli.place import DatabaseOption, FormatOption, Place, group, place_at
from adapters.saying import learned
from domain.errors import Stale

FolderArgument = Annotated[Path, typer.Argument(help="where the files are kept", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    scan = group(app, "scan", "Keep the log as typed Parquet files, and ask them in SQL.")
    scan.command("keep")(at_the_edge(keep_files))
    scan.command("ask")(at_the_edge(ask_files))


def keep_files(
    folder: FolderArgument,
    *,
    every: Annotated[
        int | None, typer.Option("--every", metavar="SECONDS", min=1, help="go on until stopped, so often")
    ] = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Bring the files of a folder up to the head of the log: a row for each event, a typed column for each word.

    Killed, it goes on where it stopped. Names of persons and free text about them are not in the files.
    """
    place = place_at(database, format_)
    with stopping() as stop:
        _keep(place, folder)
        while every is not None and not stop.wait(every):
            _keep(place, folder)


def _keep(place: Place, folder: Path) -> None:
    from adapters.scanning.keeping import keep

    with place.log() as log, err.status("kept") as status:
        kept = keep(log, folder, told=lambda position: status.update(f"kept up to position {position}"))
    said = {"folder": str(folder), "files": len(kept.files), "log": kept.log}
    place.answer(
        {"data": said, "position": kept.position},
        f"{folder} holds the log up to position {kept.position}, in {len(kept.files)} files",
    )


def ask_files(
    folder: FolderArgument,
    sql: Annotated[str, typer.Argument(help="a question over `events` (in effect) or `log` (all that was recorded)")],
    *,
    at_least: Annotated[
        int | None, typer.Option("--at-least", metavar="POSITION", min=0, help="fail where the files end before it")
    ] = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Ask kept files in SQL: cynosure scan ask FOLDER "SELECT event, count(*) FROM events GROUP BY ALL"."""
    from adapters.scanning.scan import ask

    found = ask(folder, sql)
    kept = found.kept
    if at_least is not None and kept.position < at_least:
        raise Stale(position=kept.position, at_least=at_least, of="files")

    def text() -> None:
        table = Table(*found.columns, box=None, pad_edge=False)
        for row in found.rows:
            table.add_row(*("-" if value is None else str(value) for value in row))
        out.print(table, markup=False)
        out.print(f"kept up to position {kept.position} ({learned(kept.recorded_at)})", style="dim")

    data = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    known = {"position": kept.position, "recorded_at": kept.recorded_at}
    answer = {"data": data, "position": kept.position, "effective_at": None, "known_at": known, "parked": []}
    Place("", format_).answer(answer, text)
