"""Where a command works: the database it was pointed at, and how it answers."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.edge import Format, out, print_json
from adapters.event_log import Log, open_log
from adapters.follower import Follower
from adapters.instants import instant_of
from adapters.logs import log_as_json
from adapters.read_models import read_model, read_models
from adapters.read_store.opening import open_rows
from adapters.reading import Fresh, KnownAt, Reading, known_at_instant, known_at_position
from adapters.settings import Settings, settings
from domain.errors import Impossible
from domain.values import SECONDS_PER_DAY

if TYPE_CHECKING:
    from adapters.handling import Handler

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///PATH or postgresql://USER@HOST/NAME; else CYNOSURE_DATABASE_URL, else sqlite:///cynosure.db",
    ),
]
AllianceOption = Annotated[
    str | None, typer.Option("--alliance", help="the alliance; needed where the log has several")
]
FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json for machines")]


@dataclass(frozen=True, slots=True)
class Place:
    """A database, by its URL, and the format of what is printed."""

    url: str
    format: Format = Format.TEXT

    @contextmanager
    def log(self, *, create: bool = False) -> Iterator[Log]:
        """Open the log for the time of a command; it must exist unless `create` says otherwise."""
        with open_log(self.url, create=create) as log:
            yield log

    @contextmanager
    def handler(self, *, create: bool = False) -> "Iterator[Handler]":
        """Open the log to record into it."""
        from adapters.handling import Handler

        with self.log(create=create) as log:
            yield Handler(log)

    @contextmanager
    def reading(self, *models: str, fresh: Fresh | None = None) -> Iterator[tuple[Log, Reading]]:
        """Open log and rows to ask questions, at the head of the log as it is now or from the position asked for.

        What nobody else follows of the `models` that are named (all where none is) is followed here; for the rest, the
        follower that runs is waited for when it is asked about. Raise Stale where log or rows do not come in time,
        unless what there is is to be served.
        """
        fresh = fresh or fresh_of(settings())
        asked = [read_model(name) for name in models] or list(read_models().values())
        with self.log() as log, closing(open_rows(self.url, log.identity())) as store:
            at_least = fresh.wait_for(log)
            follower = Follower(log, store, asked)
            follower.claim()
            try:
                follower.catch_up()
            finally:
                follower.release()
            yield log, Reading(log, store, replace(fresh, at_least=at_least))

    def known_at(self, log: Log, said: str | None) -> KnownAt | None:
        """Return what `--known-at` names: a position or an instant, None where it was not given."""
        if said is None:
            return None
        if said.isdigit():
            return known_at_position(log, int(said))
        end_of = SECONDS_PER_DAY if instant_of(said, "UTC", "--known-at").precision == "day" else 0
        instant = instant_of(said, "UTC", "--known-at").seconds + end_of
        return known_at_instant(log, instant * 1_000_000, now=time.time_ns() // 1_000)

    def alliance(self, log: Log, said: str | None) -> str:
        """Return the alliance that a command is about: the one named, or the only one there is."""
        known = log.alliances()
        if said is None and len(known) == 1:
            return known[0]
        if said not in known:
            there = f"there are {', '.join(known[:10])}" if known else "it has none"
            what = f"there is no alliance {said!r} in this log" if said else "name the alliance with --alliance"
            raise Impossible(f"{what}: {there}", rule="known_alliance")
        return said

    def log_in_format(self) -> None:
        """Let a command that goes on until it is stopped say in the asked format what it does, on standard error."""
        if self.format is Format.JSON:
            log_as_json()

    def answer(self, answer: Any, text: Any) -> None:
        """Print an answer: as JSON, or what `text` (a string, a table, or a function that prints) says to people."""
        if self.format is Format.JSON:
            print_json(answer)
        elif callable(text):
            text()
        else:
            out.print(text)


def group(app: typer.Typer, name: str, says: str) -> typer.Typer:
    """Return the group of commands of a name, made when it is first asked for."""
    for known in app.registered_groups:
        if known.name == name and known.typer_instance is not None:
            return known.typer_instance
    made = typer.Typer(help=says, no_args_is_help=True)
    app.add_typer(made, name=name)
    return made


def place_at(database: str | None, format_: Format = Format.TEXT) -> Place:
    """Return where a command works: its own option first, then the environment, then the default."""
    said = settings()
    return Place(database or said.database_url, format_)


def fresh_of(said: Settings) -> Fresh:
    """Return how fresh an answer must be where nothing else is said: at the head, waited for as the settings say."""
    return Fresh(timeout_seconds=said.timeout_seconds, stale=said.stale)
