"""Commands that draw what is held in common, as SVG."""

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.alignment import UntilOption, until_of
from adapters.cli.edge import Format, at_the_edge
from adapters.cli.place import AllianceOption, DatabaseOption, FormatOption, KnownAtOption, Place, group, place_at
from adapters.drawing import alignment as pictures
from adapters.read_models import read_models
from adapters.reading import Answer
from domain.errors import Unreadable
from projections import drift

FileArgument = Annotated[
    Path, typer.Argument(help="where to write the picture, such as alignment.svg", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    draw = group(app, "draw", "Draw pictures as SVG, as known now or then.")
    draw.command("alignment")(at_the_edge(draw_alignment))
    draw.command("horizons")(at_the_edge(draw_horizons))
    draw.command("work-streams")(at_the_edge(draw_work_streams))


def _answers(place: Place, models: tuple[str, ...], alliance: str | None, known_at: str | None) -> list[Answer[Any]]:
    with place.reading() as (log, reading):
        name, known = place.alliance(log, alliance), place.known_at(log, known_at)
        return [
            reading.answer(
                read_models()[model],
                lambda rows: {k[-1]: row for k, row in rows.items()},
                alliance=name,
                known_at=known,
            )
            for model in models
        ]


def _write(place: Place, file: Path, svg: str, answer: Answer[Any]) -> None:
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror}") from error
    place.answer(answer.words() | {"data": {"file": str(file)}}, f"drew {file}")


def draw_alignment(
    file: FileArgument,
    *,
    until: UntilOption = None,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Draw each party's hold on each understanding over time, with reorganizations and other drift marked."""
    place = place_at(database, format_)
    over_time, drifted = _answers(place, ("alignment_over_time", "drift"), alliance, known_at)
    causes = drift.causes(drifted.data.values())
    svg = pictures.over_time(list(over_time.data.values()), causes, until=until_of(until, over_time))
    _write(place, file, svg, over_time)


def draw_horizons(
    file: FileArgument,
    *,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Draw by when each party means each metric, and the days between."""
    place = place_at(database, format_)
    (held,) = _answers(place, ("alignment",), alliance, known_at)
    _write(place, file, pictures.horizons(list(held.data.values())), held)


def draw_work_streams(
    file: FileArgument,
    *,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Draw the work streams with their owners, plans and open decisions, and the state of what belongs to each."""
    place = place_at(database, format_)
    models = ("work_streams", "alignment", "open_decisions")
    streams, held, waiting = _answers(place, models, alliance, known_at)
    counted: dict[str, int] = {}
    for row in waiting.data.values():
        counted[row.work_stream or ""] = counted.get(row.work_stream or "", 0) + 1
    _write(place, file, pictures.matrix(streams.data, held.data, counted), streams)
