"""Where a command works: the database it was pointed at, and how it answers."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from adapters.cli.edge import Format, out, print_json
from adapters.event_log import Log, open_log
from adapters.follower import Follower
from adapters.handling import Handler
from adapters.read_models import read_models
from adapters.read_store.opening import open_rows
from adapters.reading import Reading
from adapters.settings import Settings

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///PATH or postgresql://USER@HOST/NAME; else CYNOSURE_DATABASE_URL, else sqlite:///cynosure.db",
    ),
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
    def handler(self, *, create: bool = False) -> Iterator[Handler]:
        """Open the log to record into it."""
        with self.log(create=create) as log:
            yield Handler(log)

    @contextmanager
    def reading(self) -> Iterator[tuple[Log, Reading]]:
        """Open log and rows to ask questions, after following what nobody else follows up to the head."""
        with self.log() as log, closing(open_rows(self.url, log.identity())) as store:
            follower = Follower(log, store, list(read_models().values()))
            follower.claim()
            try:
                follower.catch_up()
            finally:
                follower.release()
            yield log, Reading(log, store)

    def answer(self, answer: Any, text: Any) -> None:
        """Print an answer: as JSON, or what `text` (a string, a table, or a function that prints) says to people."""
        if self.format is Format.JSON:
            print_json(answer)
        elif callable(text):
            text()
        else:
            out.print(text)


def place_at(database: str | None, format_: Format = Format.TEXT) -> Place:
    """Return where a command works: its own option first, then the environment, then the default."""
    return Place(database or Settings().database_url, format_)
