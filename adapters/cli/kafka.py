"""Commands for Kafka: publish what happened, ingest what services say, and see to what was parked."""

import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from adapters.cli.edge import Exit, Format, at_the_edge, out
from adapters.cli.place import DatabaseOption, FormatOption, Place, group, place_at
from adapters.kafka.standing import KafkaStanding, Working, kafka_standing, serve_kafka_metrics
from adapters.read_models import read_models
from domain.errors import Unreadable
from projections.projection import Projection

CONFIG = "ingest.yaml"

ConfigOption = Annotated[
    Path, typer.Option("--config", envvar="CYNOSURE_KAFKA_INGEST", help="which topics, for which parties")
]
NumberArgument = Annotated[int, typer.Argument(min=1, help="the number that `messages list` shows")]
MetricsPortOption = Annotated[int | None, typer.Option(help="serve Prometheus metrics on this port")]
MetricsAddressOption = Annotated[str, typer.Option(help="and on this address")]
ByOption = Annotated[str, typer.Option("--by", help="who does this: the id of a person")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(at_the_edge(publish))
    app.command()(at_the_edge(ingest))
    messages = group(app, "messages", "See which messages from Kafka could not be taken, and redrive or drop them.")
    for name, command in (("list", list_parked), ("show", show), ("redrive", redrive), ("drop", drop)):
        messages.command(name)(at_the_edge(command))


def publish(
    *,
    database: DatabaseOption = None,
    mode: Annotated[
        Literal["at-least-once", "exactly-once"],
        typer.Option(help="exactly-once: in transactions of Kafka; at-least-once: after a crash the tail comes again"),
    ] = "exactly-once",
    start: Annotated[int | None, typer.Option("--from", min=1, help="go on at this position of the log")] = None,
    once: Annotated[bool, typer.Option("--once", help="end when what is there now is published")] = False,
    rows: Annotated[list[str] | None, typer.Option(help="also the rows of a projection, or of all; repeatable")] = None,
    lease_seconds: Annotated[float, typer.Option(min=1, help="after so long in silence another takes over")] = 10,
    stall_seconds: Annotated[float, typer.Option(min=5, help="connect anew when so long nothing arrived")] = 60,
    metrics_port: MetricsPortOption = None,
    metrics_address: MetricsAddressOption = "127.0.0.1",
    format_: FormatOption = Format.TEXT,
) -> None:
    """Publish events, answers and parked messages to Kafka, in order, going on where it stopped (docs/kafka.md)."""
    from adapters.kafka.settings import KafkaSettings
    from adapters.kafka.tables import Tables
    from adapters.kafka_out.publishing import publishing
    from adapters.kafka_out.relay import Pace

    place = place_at(database, format_)
    place.log_in_format()
    pace = Pace(lease_seconds=lease_seconds, stall_seconds_max=stall_seconds)
    with place.log() as log, closing(Tables(place.url)) as tables:
        running = publishing(
            log,
            tables,
            KafkaSettings(),
            mode=mode,
            start=start,
            pace=pace,
            rows=_projections(rows or []),
            database_url=place.url,
        )
        _on_signal(running.stop)
        if metrics_port is not None:
            _serve_metrics(place, running.working, address=metrics_address, port=metrics_port)
        running.run(once=once)


def ingest(
    *,
    database: DatabaseOption = None,
    config: ConfigOption = Path(CONFIG),
    once: Annotated[bool, typer.Option("--once", help="end when what is there now is taken")] = False,
    session_seconds: Annotated[float, typer.Option(min=1, help="after so long in silence another takes over")] = 10,
    skip_lost: Annotated[bool, typer.Option(help="go on although records were deleted unread")] = False,
    metrics_port: MetricsPortOption = None,
    metrics_address: MetricsAddressOption = "127.0.0.1",
    format_: FormatOption = Format.TEXT,
) -> None:
    """Take commands and reports from Kafka, each once, and answer each (docs/kafka.md)."""
    from adapters.kafka.settings import KafkaSettings
    from adapters.kafka.tables import Tables
    from adapters.kafka_in.config import read_ingest
    from adapters.kafka_in.ingesting import Ingester

    place = place_at(database, format_)
    place.log_in_format()
    said = read_ingest(config)
    with place.log() as log, closing(Tables(place.url)) as tables:
        ingester = Ingester(log, tables, KafkaSettings(), said, session_seconds=session_seconds, skip_lost=skip_lost)
        _on_signal(ingester.progress.stop.set)
        if metrics_port is not None:
            _serve_metrics(place, ingester.working, address=metrics_address, port=metrics_port)
        ingester.run(once=once)


def list_parked(*, database: DatabaseOption = None, format_: FormatOption = Format.TEXT) -> None:
    """List the messages that wait, and why."""
    from adapters.kafka.tables import Tables
    from adapters.kafka_in.parking import every_parked, shown

    place = place_at(database, format_)
    with place.log(), closing(Tables(place.url)) as tables:
        found = [shown(message) for message in every_parked(tables)]
    columns = ("number", "reason", "stream", "message", "where", "says")
    table = Table(*columns)
    for message in found:
        table.add_row(*(str(message[column] or "") for column in columns))
    place.answer({"data": found}, lambda: out.print(table if found else "nothing is parked"))


def show(number: NumberArgument, *, database: DatabaseOption = None, format_: FormatOption = Format.TEXT) -> None:
    """Show one parked message, with everything that came."""
    from adapters.kafka.tables import Tables
    from adapters.kafka_in.parking import parked_message, shown

    place = place_at(database, format_)
    with place.log(), closing(Tables(place.url)) as tables:
        found = shown(parked_message(tables, number))
    text = "\n".join(f"{word}: {value}" for word, value in found.items())
    place.answer({"data": found}, lambda: out.print(text, markup=False, soft_wrap=True))


def redrive(
    number: NumberArgument,
    *,
    by: ByOption,
    database: DatabaseOption = None,
    config: ConfigOption = Path(CONFIG),
    format_: FormatOption = Format.TEXT,
) -> None:
    """Take a parked message again, and those that wait behind it in its stream. Exit code 1 where one still waits."""
    from adapters.kafka.tables import Tables
    from adapters.kafka_in.config import read_ingest
    from adapters.kafka_in.parking import every_parked, parked_message
    from adapters.kafka_in.taking import Taking

    place = place_at(database, format_)
    said = read_ingest(config)
    with place.log() as log, closing(Tables(place.url)) as tables:
        stream = parked_message(tables, number).stream
        taken = Taking(log, tables, said).redrive(number, by=by)
        left = every_parked(tables, stream=stream)
    why = f"; the next still cannot be taken: {left[0].says}" if left else ""
    place.answer({"data": {"taken": taken, "waiting": len(left)}}, f"{taken} taken, {len(left)} wait{why}")
    if left:
        raise typer.Exit(Exit.DIFFERS)


def drop(
    number: NumberArgument,
    *,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="why it is not taken")],
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """End the wait of a parked message without taking it. What waits behind it can then be redriven."""
    from adapters.kafka.tables import Tables
    from adapters.kafka_in.parking import drop as dropped

    place = place_at(database, format_)
    with place.log(), closing(Tables(place.url)) as tables:
        dropped(tables, number, by=by, why=reason)
    place.answer({"data": {"dropped": number}}, f"message {number} is dropped")


def _serve_metrics(place: Place, working: Callable[[], list[Working]], *, address: str, port: int) -> None:
    from adapters.kafka.tables import Tables

    def ask() -> KafkaStanding:
        with place.log() as log, closing(Tables(place.url)) as tables:
            return kafka_standing(log, tables)

    serve_kafka_metrics(ask, working, address=address, port=port)


def _projections(names: list[str]) -> list[Projection]:
    known = read_models()
    unknown = sorted(set(names) - {*known, "all"})
    if unknown:
        raise Unreadable(f"--rows: there is no projection {', '.join(unknown)}; there are {', '.join(known)}")
    return list(known.values()) if "all" in names else [known[name] for name in dict.fromkeys(names)]


def _on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
