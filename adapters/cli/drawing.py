"""Commands that draw what is held in common, as SVG."""

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.alignment import UntilOption, until_of
from adapters.cli.asking import Asking, asks
from adapters.cli.place import Place, group
from adapters.drawing import alignment as pictures
from adapters.reading import Answer
from domain.errors import Unreadable
from projections import drift

FileArgument = Annotated[
    Path, typer.Argument(help="where to write the picture, such as alignment.svg", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    draw = group(app, "draw", "Draw pictures as SVG, as known now or then.")
    draw.command("alignment")(asks(draw_alignment))
    draw.command("horizons")(asks(draw_horizons))
    draw.command("work-streams")(asks(draw_work_streams))


def _write(place: Place, file: Path, svg: str, answer: Answer[Any]) -> None:
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror}") from error
    place.answer(answer.words(data={"file": str(file)}), f"drew {file}")


def draw_alignment(
    asking: Asking,
    file: FileArgument,
    *,
    until: UntilOption = None,
) -> None:
    """Draw each party's hold on each understanding over time, with reorganizations and other drift marked."""
    with asking.reading() as asked:
        over_time, drifted = asked.rows("alignment_over_time"), asked.rows("drift")
    causes = drift.causes(drifted.data)
    svg = pictures.over_time(over_time.data, causes, until=until_of(until, over_time))
    _write(asking.place, file, svg, over_time)


def draw_horizons(
    asking: Asking,
    file: FileArgument,
) -> None:
    """Draw by when each party means each metric, and the days between."""
    with asking.reading() as asked:
        held = asked.rows("alignment")
    _write(asking.place, file, pictures.horizons(held.data), held)


def draw_work_streams(
    asking: Asking,
    file: FileArgument,
) -> None:
    """Draw the work streams with their owners, plans and open decisions, and the state of what belongs to each."""
    with asking.reading() as asked:
        streams, held, waiting = (asked.named(model) for model in ("work_streams", "alignment", "open_decisions"))
    counted: dict[str, int] = {}
    for row in waiting.data.values():
        counted[row.work_stream or ""] = counted.get(row.work_stream or "", 0) + 1
    _write(asking.place, file, pictures.matrix(streams.data, held.data, counted), streams)
