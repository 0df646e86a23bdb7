"""Commands that keep a log safe: write it into one file, and make a log from that file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.edge import Format, at_the_edge, err
from adapters.cli.place import DatabaseOption, FormatOption, place_at
from adapters.event_log import open_log
from adapters.event_log.backup import back_up, kept_in
from adapters.event_log.backup import restore as restore_log

FileArgument = Annotated[Path, typer.Argument(help="the backup: one SQLite file, whatever the database")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(at_the_edge(backup))
    app.command()(at_the_edge(restore))


def backup(file: FileArgument, *, database: DatabaseOption = None, format_: FormatOption = Format.TEXT) -> None:
    """Write the log as it stands into a new file, while others go on appending.

    It holds the events and the messages. Rows are not in it: they are folded from the events again. Nor is what Kafka
    needs: offsets, answers, and parked messages, which are taken from the topics anew (docs/kafka.md).
    """
    place = place_at(database, format_)
    with place.log() as log, _progress("backed up") as told:
        head = back_up(log, file, told=told)
        said = {"file": str(file), "log": log.identity().id, "head": head}
    place.answer({"data": said}, f"{head} events are in {file}; `cynosure restore {file}` makes a log of them")


def restore(file: FileArgument, *, database: DatabaseOption = None, format_: FormatOption = Format.TEXT) -> None:
    """Make a log from a backup, in a database that has none, as its next incarnation.

    Followers and topics that were ahead of the backup stop with an alarm: what they saw beyond it is no longer so.
    """
    place = place_at(database, format_)
    kept = kept_in(file)
    with open_log(place.url, simulated_clock=kept.simulated_clock) as log, _progress("restored") as told:
        head = restore_log(file, log, told=told)
        identity = log.identity()
    said = {"log": identity.id, "incarnation": identity.incarnation, "head": head}
    place.answer({"data": said}, f"log {identity.id} stands at position {head}, in incarnation {identity.incarnation}")


@contextmanager
def _progress(verb: str) -> Iterator[Callable[[int], None]]:
    """Show how far it is on standard error, where a person watches."""
    with err.status(verb) as status:
        yield lambda position: status.update(f"{verb} up to position {position}")
