"""The command that hands an alliance's events to other tools: `cynosure export FILE`."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.edge import Format, at_the_edge
from adapters.cli.place import AllianceOption, DatabaseOption, FormatOption, KnownAtOption, place_at


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("export")(at_the_edge(export_))


def export_(
    file: Annotated[
        Path, typer.Argument(help="ends in .xes, .xes.gz, .jsonocel, .sqlite, .parquet or .csv", show_default=False)
    ],
    *,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Export what happened for other tools: XES, OCEL 2.0 (JSON or SQLite), Parquet or CSV, as the name of FILE asks.

    Corrections are applied; names of persons and free text about them are left out. docs/export.md says what is where.
    """
    from adapters.exporting.export import export

    place = place_at(database, format_)
    with place.log() as log:
        known = place.known_at(log, known_at)
        upto = known.position if known else log.head()
        done = export(log, file, place.alliance(log, alliance), upto=upto)
    said = {"file": str(file), "format": done.format, "events": done.events, "decisions": done.decisions}
    answer = {"data": said, "position": upto}
    place.answer(answer, f"{file}: {done.events} events, {done.decisions} decisions, as {done.format}")
