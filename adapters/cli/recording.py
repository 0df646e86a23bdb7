"""Commands that write: make a log, bring it up to date, and record reports and commands."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.charter_files import faults_carried
from adapters.cli.edge import Exit, Format, at_the_edge, err, out
from adapters.cli.place import DatabaseOption, FormatOption, place_at
from adapters.event_log import migrate_log, open_log
from adapters.handling import Handler
from adapters.items import Item, read_items
from domain.errors import CynosureError, Impossible, Refused, RepeatDiffers, Unreadable
from domain.ports import Receipt


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(at_the_edge(init))
    app.command()(at_the_edge(migrate))
    app.command()(at_the_edge(record))


def init(
    *,
    database: DatabaseOption = None,
    simulated_clock: Annotated[
        bool, typer.Option(help="a log for scenarios and demos: its clock is what its input says, for ever")
    ] = False,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Make a log where there is none. Does nothing where there is one."""
    place = place_at(database, format_)
    with open_log(place.url, simulated_clock=simulated_clock or None) as log:
        identity = log.identity()
        said = {"log": identity.id, "incarnation": identity.incarnation, "format": identity.format, "head": log.head()}
        said["simulated_clock"] = identity.simulated_clock
    place.answer({"data": said}, f"log {identity.id}, format {identity.format}, at position {said['head']}")


def migrate(*, database: DatabaseOption = None, format_: FormatOption = Format.TEXT) -> None:
    """Bring the tables of a log to the format of this code, under a lock."""
    place = place_at(database, format_)
    migrate_log(place.url)
    with place.log() as log:
        place.answer({"data": {"format": log.identity().format}}, f"at format {log.identity().format}")


def record(
    file: Annotated[str, typer.Argument(help="YAML or JSON with items, or - for standard input")],
    *,
    alliance: Annotated[str | None, typer.Option(help="the alliance, where the file does not name it")] = None,
    source: Annotated[str, typer.Option(help="where the messages come from; ids are unique within it")] = "file",
    zone: Annotated[str | None, typer.Option(help="the zone in which a bare day is meant")] = None,
    check: Annotated[bool, typer.Option("--check", help="judge every item and record nothing")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="record what can be, and list the rest")] = False,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Record reports and commands from a file.

    Each item is one message: `report: EVENT` or `command: VERB`, `at` when it was so, and its words (docs/glossary.md).
    The whole file is judged first, and nothing is written if anything in it is refused.
    """
    text = sys.stdin.read() if file == "-" else _read(Path(file))
    where = "standard input" if file == "-" else file
    items = read_items(text, where, alliance=alliance, source=source, zone=zone)
    place = place_at(database, format_)
    with place.handler(create=place.url.startswith("sqlite:")) as handler:
        judged = handler.judge((item.message, item.envelope, item.digest) for item in items)
        outcomes = [_refused(item, error) for item, error in zip(items, judged, strict=True) if error is not None]
        if not check and (keep_going or not outcomes):
            outcomes = [_handled(handler, item) for item in items]
    place.answer({"data": outcomes, "judged": len(items)}, lambda: _print(outcomes, len(items), written=not check))
    if any(outcome["state"] == "refused" for outcome in outcomes):
        raise typer.Exit(Exit.REFUSED)


def _handled(handler: Handler, item: Item) -> dict[str, Any]:
    try:
        return _accepted(item, handler.handle(item.message, item.envelope, digest=item.digest))
    except (Refused, RepeatDiffers) as error:
        return _refused(item, error)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


def _accepted(item: Item, receipt: Receipt) -> dict[str, Any]:
    if receipt.outcome is not None:
        return {"where": item.where, "state": "repeat", "outcome": receipt.outcome, "position": receipt.last}
    state = "repeat" if receipt.repeated else "accepted"
    said = {"where": item.where, "state": state, "first": receipt.first, "position": receipt.last}
    faults = faults_carried(item.message)
    return said | ({"charter_faults": list(faults)} if faults else {})


def _refused(item: Item, error: CynosureError) -> dict[str, Any]:
    said: dict[str, Any] = {"where": item.where, "state": "refused", "says": str(error)}
    if isinstance(error, Refused):
        said |= {"rule": error.rule, "clause": error.clause, "because_of": list(error.because_of)}
        said["kind"] = "impossible" if isinstance(error, Impossible) else "refused"
    return said


def _print(outcomes: list[dict[str, Any]], judged: int, *, written: bool) -> None:
    refused = [outcome for outcome in outcomes if outcome["state"] == "refused"]
    for outcome in refused:
        err.print(f"{outcome['where']}: {outcome['says']}", style="red", markup=False, soft_wrap=True)
        clause = f", clause {outcome['clause']}" if outcome.get("clause") else ""
        err.print(f"  rule: {outcome.get('rule', 'same id, same content')}{clause}", markup=False)
    recorded = [outcome for outcome in outcomes if outcome["state"] != "refused"]
    for outcome in recorded:
        for fault in outcome.get("charter_faults", ()):
            says = (
                f"{outcome['where']}: the charter is recorded with a fault that keeps rules from being applied: {fault}"
            )
            err.print(says, style="yellow", markup=False, soft_wrap=True)
    if not recorded:
        says = "nothing was written" if refused else "all can be recorded; nothing was written"
        out.print(f"{judged} items judged, {len(refused)} refused: {says}" if not written or refused else "no items")
        return
    repeats = sum(outcome["state"] == "repeat" for outcome in recorded)
    out.print(
        f"{len(recorded) - repeats} recorded, {repeats} known already, {len(refused)} refused; "
        f"the log stands at position {max(outcome['position'] for outcome in recorded)}"
    )
