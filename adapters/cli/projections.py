"""Commands for read models: follow the log, rebuild, verify, switch back, and see how everything stands."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from adapters.cli.edge import Exit, Format, at_the_edge, err, out, stopping
from adapters.cli.place import DatabaseOption, FormatOption, Place, group, place_at
from adapters.event_log import Log
from adapters.follower import Follower, Progress
from adapters.follower.rebuild import Rebuilt, rebuild, verify
from adapters.kafka.standing import KafkaStanding, kafka_standing
from adapters.kafka.tables import Tables
from adapters.logs import Logger
from adapters.read_models import read_models
from adapters.read_store.discarding import discard
from adapters.read_store.opening import open_rows
from adapters.read_store.store import RowStore
from adapters.status import Status, status
from domain.errors import Impossible
from projections.projection import Projection

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[PROJECTION]...", help="which read models; all where none is named")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (follow, run):
        app.command()(at_the_edge(command))
    app.command("rebuild")(at_the_edge(rebuild_them))
    app.command("verify")(at_the_edge(verify_them))
    app.command("status")(at_the_edge(show_status))
    projections = group(app, "projections", "Bring a read model's previous build back, or throw all rows away.")
    projections.command("rollback")(at_the_edge(rollback))
    projections.command("discard")(at_the_edge(discard_rows))


def follow(
    names: NamesArgument = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="end when what is there now is folded")] = False,
    metrics_port: Annotated[int | None, typer.Option(help="serve Prometheus metrics on this port")] = None,
    metrics_address: Annotated[str, typer.Option(help="and on this address")] = "127.0.0.1",
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Follow the log and keep the rows of read models up to date, until stopped.

    One process follows a read model at a time; another stands by, and takes over when its lease runs out.
    """
    place = place_at(database, format_)
    place.log_in_format()
    if metrics_port is not None:
        from adapters.metrics import serve_metrics

        serve_metrics(lambda: _ask(place), address=metrics_address, port=metrics_port)
    with stopping() as stop, rows_of(place) as (log, store):
        follower = Follower(log, store, list(_named(names).values()))
        said = Logger("cynosure").bind(follower=follower.holder)
        held = sorted(follower.claim())
        said.info("following", projections=held, position=follower.position(), head=log.head())
        try:
            with _bar("following") as told:
                follower.catch_up(told=told, stop=stop)
            said.info("caught up", position=follower.position())
            if not once:
                follower.run(stop)
        finally:
            follower.release()


def run(
    tasks: Annotated[list[str] | None, typer.Argument(help="commands to keep running; `follow` where none")] = None,
    *,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Keep several commands running, each a process of its own: `cynosure run follow publish ingest`.

    One that falls is started again after a pause; one that cannot be helped (usage, unreadable, newer format) ends all.
    """
    from adapters.supervising import Task, command_of, supervise

    place = place_at(database, format_)
    place.log_in_format()
    with place.log():
        pass
    said = Logger("cynosure")
    with stopping() as stop:
        code = supervise(
            [Task(name, command_of(name, place.url)) for name in tasks or ["follow"]],
            stop,
            said=lambda what, task, number: said.warning(what, task=task, number=number),
        )
    if code:
        raise typer.Exit(code)


def rebuild_them(
    names: NamesArgument = None,
    *,
    processes: Annotated[int, typer.Option(min=1, max=64, help="fold alliances in so many processes")] = 1,
    park: Annotated[bool, typer.Option("--park", help="park keys that cannot be folded, instead of stopping")] = False,
    accept_differences: Annotated[
        bool, typer.Option("--accept-differences", help="serve the new rows although they differ")
    ] = False,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Fold read models anew beside what serves, compare at one position, and switch.

    What serves goes on meanwhile, and is kept: `cynosure projections rollback` brings it back. A rebuild that was
    interrupted goes on where it stopped.
    """
    place = place_at(database, format_)
    found: dict[str, Rebuilt] = {}
    for name, projection in _named(names).items():
        with _bar(name) as told:
            found[name] = rebuild(
                place.url,
                projection,
                processes=processes,
                strict=not park,
                accept_differences=accept_differences,
                told=told,
            )
    data = {name: msgspec.to_builtins(each) | {"switched": each.switched} for name, each in found.items()}
    place.answer({"data": data}, lambda: _print_rebuilt(found))
    if not all(each.switched for each in found.values()):
        raise typer.Exit(Exit.DIFFERS)


def verify_them(
    names: NamesArgument = None, *, database: DatabaseOption = None, format_: FormatOption = Format.TEXT
) -> None:
    """Verify the log and its rows: order dense per stream, positions increasing, all decodes, rows equal a rebuild."""
    from adapters.verifying import verify_log

    place = place_at(database, format_)
    with place.log() as log:
        checked = verify_log(log)
    equal = {name: verify(place.url, projection) for name, projection in _named(names).items()}
    data = {"events": checked.events, "faults": list(checked.faults), "rows_equal_a_rebuild": equal}

    def text() -> None:
        out.print(f"{checked.events} events read, {len(checked.faults)} faults")
        for fault in checked.faults:
            out.print(f"  {fault}", markup=False, soft_wrap=True)
        for name, same in equal.items():
            out.print(f"  {name}: {'equals a rebuild' if same else '[red]differs from a rebuild[/red]'}")

    place.answer({"data": data}, text)
    if checked.faults or not all(equal.values()):
        raise typer.Exit(Exit.DIFFERS)


def show_status(
    *,
    lag_seconds_max: Annotated[
        float | None, typer.Option(min=0, help="end with 1 where rows that serve lag more: a health check")
    ] = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show where the log and its rows stand: positions, lag, versions, leases, parked keys."""
    place = place_at(database, format_)
    found = _ask(place)
    kafka = _ask_kafka(place)
    data = msgspec.to_builtins(found) | {"kafka": msgspec.to_builtins(kafka)}
    place.answer({"data": data, "position": found.head}, lambda: _print_all(found, kafka))
    if lag_seconds_max is not None and found.lag_seconds() > lag_seconds_max:
        raise typer.Exit(Exit.DIFFERS)


def rollback(
    name: Annotated[str, typer.Argument(metavar="PROJECTION", show_default=False)],
    *,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Bring the previous build of a read model back, at once for everybody."""
    place = place_at(database, format_)
    with rows_of(place) as (_, store):
        build = store.rollback(name)
        position = store.position(build)
    place.answer(
        {"data": msgspec.to_builtins(build), "position": position},
        f"{name} is served from build {build.id}, version {build.version}, at position {position}",
    )


def discard_rows(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do it without asking")] = False,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Throw all rows away. They can be folded anew from the log: `cynosure follow` does."""
    place = place_at(database, format_)
    if not yes:
        typer.confirm("throw the rows of all read models away?", abort=True)
    discard(place.url)
    place.answer({"data": {"discarded": True}}, "the rows are gone; `cynosure follow` folds them anew")


@contextmanager
def rows_of(place: Place) -> Iterator[tuple[Log, RowStore]]:
    """Open the log and its rows for the time of a command."""
    with place.log() as log, closing(open_rows(place.url, log.identity())) as store:
        yield log, store


def _ask(place: Place) -> Status:
    with rows_of(place) as (log, store):
        return status(log, store)


def _ask_kafka(place: Place) -> KafkaStanding:
    with place.log() as log, closing(Tables(place.url)) as tables:
        return kafka_standing(log, tables)


def _named(names: Sequence[str] | None) -> dict[str, Projection]:
    known = read_models()
    for name in names or ():
        if name not in known:
            raise Impossible(f"there is no read model {name!r}: {', '.join(known)}", rule="known_read_model")
    return {name: known[name] for name in names} if names else known


@contextmanager
def _bar(what: str) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[says]}"), TimeElapsedColumn())
    with Bar(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=None, says="")

        def told(progress: Progress) -> None:
            left = progress.seconds_left
            says = f"{progress.events_per_second:,.0f} events/s" + (f", {left:.0f} s left" if left else "")
            bar.update(task, completed=progress.position, total=progress.upto, says=says)

        yield told


def _print_rebuilt(found: dict[str, Rebuilt]) -> None:
    for name, each in found.items():
        what = f"build {each.new.id}, version {each.new.version}, at position {each.position}"
        if each.switched:
            out.print(f"{name}: {what} serves now, digest {each.digest[:16]}")
        else:
            out.print(
                f"[red]{name}: {what} differs from what serves[/red], which goes on; look at both, and repeat with"
                " --accept-differences where the new rows are right"
            )


def _print_status(found: Status) -> None:
    clock = ", simulated clock" if found.simulated_clock else ""
    out.print(f"log {found.log}, incarnation {found.incarnation}, at position {found.head}{clock}")
    table = Table(
        "projection", "version", "state", "position", "lag", "parked", "followed by", box=None, pad_edge=False
    )
    for each in found.builds:
        seconds = f" ({each.lag_seconds:.1f} s)" if each.lag_seconds else ""
        table.add_row(
            each.projection,
            str(each.version),
            each.state + (f" in {each.shards} shards" if each.shards > 1 else ""),
            str(each.position),
            f"{each.lag_events}{seconds}",
            str(each.parked or "-"),
            ", ".join(each.followed_by) or "nobody",
        )
    out.print(table)
    if found.oldest_transaction:
        old = found.oldest_transaction
        out.print(f"oldest transaction: process {old.process} ({old.application}), {old.seconds:.1f} s")


def _print_all(found: Status, kafka: KafkaStanding) -> None:
    _print_status(found)
    _print_kafka(kafka)


def _print_kafka(found: KafkaStanding) -> None:
    if found.feeds:
        table = Table("feed", "position", "lag", "published by", box=None, pad_edge=False)
        for each in found.feeds:
            seconds = f" ({each.lag_seconds:.1f} s)" if each.lag_seconds else ""
            table.add_row(each.feed, str(each.position), f"{each.lag}{seconds}", each.holder or "nobody")
        out.print(table)
    for partition, offset in found.offsets.items():
        out.print(f"ingested from {partition} up to offset {offset}", markup=False)
    for reason, number in found.parked.items():
        out.print(f"{number} parked: {reason} (cynosure messages list)", markup=False)
