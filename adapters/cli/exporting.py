"""The command that hands an alliance's events to other tools: `cynosure export FILE`."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.asking import Asking, asks


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("export")(asks(export_))


def export_(
    asking: Asking,
    file: Annotated[
        Path, typer.Argument(help="ends in .xes, .xes.gz, .jsonocel, .sqlite, .parquet or .csv", show_default=False)
    ],
) -> None:
    """Export what happened for other tools: XES, OCEL 2.0 (JSON or SQLite), Parquet or CSV, as the name of FILE asks.

    Corrections are applied; names of persons and free text about them are left out. docs/export.md says what is where.
    """
    from adapters.exporting.export import export

    with asking.log() as log:
        upto = asking.position(log)
        done = export(log, file, asking.about(log), upto=upto)
    said = {"file": str(file), "format": done.format, "events": done.events, "decisions": done.decisions}
    answer = {"data": said, "position": upto}
    asking.place.answer(answer, f"{file}: {done.events} events, {done.decisions} decisions, as {done.format}")
