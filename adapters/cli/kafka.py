"""Commands for Kafka: publish what happened."""

import signal
from collections.abc import Callable
from typing import Annotated, Literal

import typer

from adapters.cli.edge import at_the_edge
from adapters.cli.place import DatabaseOption, place_at


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(at_the_edge(publish))


def publish(
    *,
    database: DatabaseOption = None,
    mode: Annotated[
        Literal["at-least-once", "exactly-once"],
        typer.Option(help="exactly-once: in transactions of Kafka; at-least-once: after a crash the tail comes again"),
    ] = "exactly-once",
    start: Annotated[int | None, typer.Option("--from", min=1, help="go on at this position of the log")] = None,
    once: Annotated[bool, typer.Option("--once", help="end when what is there now is published")] = False,
    lease_seconds: Annotated[float, typer.Option(min=1, help="after so long in silence another takes over")] = 10,
    stall_seconds: Annotated[float, typer.Option(min=5, help="connect anew when so long nothing arrived")] = 60,
) -> None:
    """Publish the events of the log to Kafka, in order, going on where it stopped (docs/kafka.md)."""
    from adapters.kafka.settings import KafkaSettings
    from adapters.kafka.tables import Tables
    from adapters.kafka_out.publishing import publishing
    from adapters.kafka_out.relay import Pace

    place = place_at(database)
    pace = Pace(lease_seconds=lease_seconds, stall_seconds_max=stall_seconds)
    with place.log() as log:
        tables = Tables(place.url)
        out = publishing(log, tables, KafkaSettings(), mode=mode, start=start, pace=pace)
        _on_signal(out.stop)
        out.run(once=once)
        tables.close()


def _on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
