"""Commands that show the course of an alliance: its stages and those of its assets, and who is whose counterpart."""

import typer
from rich.table import Table

from adapters.cli.alignment import day
from adapters.cli.edge import Format, at_the_edge, out
from adapters.cli.people import rows_of
from adapters.cli.place import AllianceOption, DatabaseOption, FormatOption, KnownAtOption, group, place_at
from adapters.cli.showing import print_position
from adapters.reading import Answer
from projections import people, stages


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    show = group(app, "show", "Show an alliance, a decision and more, as known now or then.")
    show.command("stages")(at_the_edge(show_stages))
    show.command("people")(at_the_edge(show_people))


def show_stages(
    *,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show the stages of the alliance beside those of its assets, who owns each, and the handovers between them."""
    place = place_at(database, format_)
    answer, zone = rows_of(place, "stages", alliance, known_at)
    place.answer(answer.words(), lambda: _print_stages(answer, zone))


def _print_stages(answer: Answer[dict[str, stages.Row]], zone: str) -> None:
    for name, row in answer.data.items():
        table = Table("", "stage", "since", "owned by", box=None, pad_edge=False)
        for what, entered in ((name, row.own), *row.assets.items()):
            for stage in entered:
                owners = ", ".join(f"{party}: {unit}" for party, unit in stage.owners.items())
                table.add_row(what, stage.stage.replace("_", " "), day(stage.at, zone), owners)
        out.print(table)
        if row.ends or row.survives:
            out.print(f"ends {row.ends or 'on a day not said'}; what survives: {', '.join(row.survives) or 'not said'}")
    print_position(answer)


def show_people(
    *,
    alliance: AllianceOption = None,
    known_at: KnownAtOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show who does what, by id, and who is whose counterpart: by level, whatever the titles say."""
    place = place_at(database, format_)
    answer, zone = rows_of(place, "people", alliance, known_at)
    found = people.counterparts(answer.data.values())
    words = answer.words()
    place.answer(
        words | {"data": {"people": words["data"], "counterparts": found}}, lambda: _print_people(answer, found, zone)
    )


def _print_people(answer: Answer[dict[str, people.Row]], found: dict[int, dict[str, list[str]]], zone: str) -> None:
    table = Table("person", "party", "roles", "", box=None, pad_edge=False)
    for name, row in answer.data.items():
        roles = ", ".join(role.role.replace("_", " ") for role in row.roles if role.until is None)
        left = f"left {day(row.departed_at, zone)}" if row.departed_at is not None else ""
        table.add_row(name, row.party or "-", roles, left)
    out.print(table)
    for level, by_party in found.items():
        sides = " and ".join(f"{', '.join(names)} ({party})" for party, names in by_party.items())
        out.print(f"level {level}: {sides}", markup=False)
    print_position(answer)
