"""What questions on the command line have in common: their options, what they are asked of, and how they are told."""

import inspect
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Concatenate, Literal, TypeVar

import typer

from adapters.cli.edge import Format, at_the_edge, out, print_json
from adapters.cli.place import AllianceOption, DatabaseOption, FormatOption, Place, place_at
from adapters.event_log import Log
from adapters.read_models import read_model
from adapters.reading import Answer, Fresh, KnownAt, Query, Reading
from adapters.saying import learned
from adapters.settings import settings
from domain.errors import Impossible

KnownAtOption = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="P",
        help="answer from what was known at a log position (120) or instant (2026-03-04T09:00Z)",
    ),
]
AtLeastOption = Annotated[
    int | None,
    typer.Option(
        "--at-least",
        metavar="POSITION",
        min=0,
        help="answer from no less than this position, such as what a write returned; the head of the log by default",
    ),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0, help="wait so long for it; else CYNOSURE_TIMEOUT_SECONDS, else 5"
    ),
]
StaleOption = Annotated[
    Literal["serve", "fail"] | None,
    typer.Option("--stale", help="then serve what there is, or fail with exit code 4; else CYNOSURE_STALE, else fail"),
]

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before its log and rows: about one alliance, as known now or then."""

    log: Log
    reading: Reading
    alliance: str
    known_at: KnownAt | None

    def answer(self, model: str, query: Query[T], *key: str) -> Answer[T]:
        """Ask a read model about the alliance, or only about the row of a key."""
        keys = [(self.alliance, *key)] if key else None
        return self.reading.answer(read_model(model), query, alliance=self.alliance, keys=keys, known_at=self.known_at)

    def rows(self, model: str, *key: str) -> Answer[list[Any]]:
        """Return the rows of a read model, or only that of a key."""
        return self.answer(model, lambda rows: list(rows.values()), *key)

    def named(self, model: str) -> Answer[dict[str, Any]]:
        """Return the rows of a read model by the last part of their keys."""
        return self.answer(model, lambda rows: {key[-1]: row for key, row in rows.items()})

    def one(self, model: str, *key: str, what: str) -> Answer[Any]:
        """Return the row of a key, the alliance's own where none is given. Raise Impossible where there is none."""
        answer = self.answer(model, lambda rows: next(iter(rows.values()), None), *key)
        if answer.data is None:
            raise Impossible(f"there is no {what} at position {answer.position}", rule="known_subject")
        return answer

    def zone(self) -> str:
        """Return the zone in which the alliance counts its days."""
        answer = self.reading.answer(read_model("alliances"), lambda rows: list(rows.values()), keys=[(self.alliance,)])
        return str(answer.data[0].zone) if answer.data else "UTC"


@dataclass(frozen=True, slots=True)
class Asking:
    """Where a question is asked, about which alliance, as known when, and how fresh the answer must be."""

    place: Place
    fresh: Fresh
    alliance: str | None = None
    known_at: str | None = None

    @contextmanager
    def log(self) -> Iterator[Log]:
        """Open the log, once it stands where it must."""
        with self.place.log() as log:
            self.fresh.wait_for(log)
            yield log

    @contextmanager
    def reading(self, *models: str) -> Iterator[Asked]:
        """Open log and rows to ask some read models (all where none is named) about the alliance, or the only one."""
        with self.place.reading(*models, fresh=self.fresh) as (log, reading):
            yield Asked(log, reading, self.about(log), self.known(log))

    def about(self, log: Log) -> str:
        """Return the alliance that is asked about: the one named, or the only one there is."""
        return self.place.alliance(log, self.alliance)

    def known(self, log: Log) -> KnownAt | None:
        """Return what is to be known, None where that is all there is."""
        return self.place.known_at(log, self.known_at)

    def position(self, log: Log) -> int:
        """Return the position up to which events count."""
        known = self.known(log)
        return log.head() if known is None else known.position

    def tell(self, answer: Answer[Any], text: Callable[[], None], data: Any = None) -> None:
        """Print an answer: as JSON, with `data` in place of its own where given, or for people with its position."""
        if self.place.format is Format.JSON:
            print_json(answer.words(data=answer.data if data is None else data))
            return
        text()
        print_position(answer)


def print_position(answer: Answer[Any]) -> None:
    """Print what an answer was known at, and how much of it is parked."""
    known = answer.known_at
    simulated = ", by a simulated clock" if known.simulated_clock else ""
    out.print(f"known at position {known.position} ({learned(known.recorded_at)}{simulated})", style="dim")
    if answer.parked:
        out.print(f"{len(answer.parked)} keys of this answer are parked: cynosure parked list", style="yellow")


def asking_of(
    *,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    at_least: AtLeastOption = None,
    timeout_seconds: TimeoutOption = None,
    stale: StaleOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> Asking:
    """Return what the options that all questions share ask for; what they leave open is set by the environment."""
    said = settings()
    fresh = Fresh(at_least, said.timeout_seconds if timeout_seconds is None else timeout_seconds, stale or said.stale)
    return Asking(place_at(database, format_), fresh, alliance, known_at)


def asks(command: Callable[Concatenate[Asking, ...], R], *, without: Collection[str] = ()) -> Callable[..., R]:
    """Give a command the options that all questions share, but for those *without*; it is handed one Asking for them.

    Errors become sentences and exit codes, as everywhere on the command line.
    """
    parameters = inspect.signature(asking_of).parameters.values()
    shared = [parameter for parameter in parameters if parameter.name not in without]
    own = list(inspect.signature(command).parameters.values())[1:]

    @wraps(command)
    def run(**said: Any) -> R:
        asking = asking_of(**{parameter.name: said.pop(parameter.name) for parameter in shared})
        return command(asking, **said)

    whole = [*own, *shared]
    run.__signature__ = inspect.Signature(whole)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in whole}
    return at_the_edge(run)
