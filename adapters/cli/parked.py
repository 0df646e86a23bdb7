"""Commands for parked keys: rows that stand still, because an event could not be folded into them."""

from typing import Annotated, Any

import msgspec
import typer

from adapters.cli.edge import Format, at_the_edge, out
from adapters.cli.place import DatabaseOption, FormatOption, group, place_at
from adapters.cli.projections import rows_of
from adapters.event_log import Log
from adapters.follower import Follower
from adapters.follower.dropping import drop
from adapters.instants import say_instant
from adapters.read_models import read_models
from adapters.read_store.canonical import EVERY_ROW
from adapters.read_store.port import Parked
from adapters.read_store.store import RowStore
from domain.errors import Impossible
from projections.projection import Key

ProjectionArgument = Annotated[str, typer.Argument(metavar="PROJECTION", show_default=False)]
KeyArgument = Annotated[
    list[str], typer.Argument(metavar="KEY...", help="the parts of the key, the alliance first", show_default=False)
]
SomeKeyArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY]...", help="the parts of the key; all parked keys where none")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    parked = group(app, "parked", "See which rows stand still and why, fold them again, or leave an event out.")
    parked.command("list")(at_the_edge(list_parked))
    parked.command("show")(at_the_edge(show_parked))
    parked.command("redrive")(at_the_edge(redrive))
    parked.command("drop")(at_the_edge(drop_event))


def list_parked(*, database: DatabaseOption = None, format_: FormatOption = Format.TEXT) -> None:
    """List the parked keys of every read model, with the event that could not be folded and the reason."""
    place = place_at(database, format_)
    with rows_of(place) as (log, store):
        found = {name: list(_parked(store, name).values()) for name in store.projections()}
        head = log.head()
    found = {name: each for name, each in found.items() if each}

    def text() -> None:
        for name, parked in found.items():
            for each in parked:
                where = f"{name} {_said(each.key)}: {each.name} at position {each.position}"
                out.print(f"{where}: {each.error}", markup=False, soft_wrap=True)
        if not found:
            out.print("nothing is parked")

    place.answer({"data": {n: [_words(p) for p in each] for n, each in found.items()}, "position": head}, text)


def show_parked(
    name: ProjectionArgument,
    key: KeyArgument,
    *,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show one parked key: the event, the reason, and how many later events of the alliance wait behind it."""
    place = place_at(database, format_)
    with rows_of(place) as (log, store):
        parked = _one(store, name, tuple(key))
        (event,) = log.pages(parked.position - 1, 1)
        waiting = _waiting(log, parked)
        head = log.head()
    fact: Any = msgspec.json.decode(event.fact)
    data = _words(parked) | {"fact": fact, "stream": event.stream, "alliance_events_since": waiting}

    def text() -> None:
        since = say_instant(parked.parked_at // 1_000_000)
        out.print(f"{name} {_said(parked.key)}, parked since {since}", markup=False)
        out.print(f"  position {parked.position}, {parked.name} in {event.stream}: {parked.error}", markup=False)
        out.print(f"  {msgspec.json.encode(fact).decode()}", markup=False)
        out.print(f"  {waiting} later events of the alliance are in the log")

    place.answer({"data": data, "position": head}, text)


def redrive(
    name: ProjectionArgument,
    key: SomeKeyArgument = None,
    *,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Fold parked keys again: once the projection is mended, or the event corrected or dropped.

    Where a follower runs, it is asked to do so, and does within seconds; else it is done here.
    """
    place = place_at(database, format_)
    with rows_of(place) as (log, store):
        keys = [_one(store, name, tuple(key)).key] if key else list(_parked(store, name))
        done = _ask(log, store, name, keys)
        left = len(_parked(store, name))
        head = log.head()
    says = f"{len(keys) if done else 0} of {len(keys)} keys were folded again, {left} are parked"
    asked = "" if done else "; the follower that runs was asked to"
    place.answer({"data": {"asked": len(keys), "done": done, "parked": left}, "position": head}, says + asked)


def drop_event(
    name: ProjectionArgument,
    key: KeyArgument,
    *,
    reason: Annotated[str, typer.Option(help="why; remembered in the log for ever", show_default=False)],
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Leave the event that parked a key out of that key's fold, for ever, and fold the key again without it."""
    place = place_at(database, format_)
    with rows_of(place) as (log, store):
        parked = _one(store, name, tuple(key))
        drop(log, name, parked, reason=reason)
        done = _ask(log, store, name, [parked.key])
        head = log.head()
    says = f"{parked.name} at position {parked.position} is left out of {name} {_said(parked.key)}"
    place.answer({"data": _words(parked) | {"dropped": reason, "folded_again": done}, "position": head}, says)


def _ask(log: Log, store: RowStore, name: str, keys: list[Key]) -> bool:
    """Ask for keys to be folded again; do it at once where nobody follows. Return whether it was done."""
    build = store.serving(name)
    if build is None or not keys:
        return False
    store.ask_redrive(build, keys)
    follower = Follower(log, store, [read_models()[name]])
    try:
        return name in follower.claim() and bool(follower.redrive())
    finally:
        follower.release()


def _parked(store: RowStore, name: str) -> dict[Key, Parked]:
    build = store.serving(name)
    if build is None:
        raise Impossible(f"{name!r} has no rows: {', '.join(store.projections())}", rule="known_read_model")
    return store.parked(build)


def _one(store: RowStore, name: str, key: Key) -> Parked:
    parked = _parked(store, name)
    found = parked.get(key) or parked.get((key[0], EVERY_ROW))
    if found is None:
        raise Impossible(f"{name} {_said(key)} is not parked: see `cynosure parked list`", rule="known_key")
    return found


def _waiting(log: Log, parked: Parked) -> int:
    after, count = parked.position, 0
    while page := log.pages(after, 1_000, alliance=parked.key[0]):
        after, count = page[-1].position, count + len(page)
    return count


def _said(key: Key) -> str:
    return f"every row of {key[0]}" if key[1:] == (EVERY_ROW,) else " ".join(key)


def _words(parked: Parked) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(parked)
    return words | {"key": list(parked.key), "every_row": parked.key[1:] == (EVERY_ROW,)}
