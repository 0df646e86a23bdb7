"""Commands that show the course of an alliance: its stages and those of its assets, and who is whose counterpart."""

import typer
from rich.table import Table

from adapters.cli.asking import Asking, asks
from adapters.cli.edge import out
from adapters.cli.place import group
from adapters.reading import Answer
from adapters.saying import day
from projections import people, stages


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    show = group(app, "show", "Show an alliance, a decision and more, as known now or then.")
    show.command("stages")(asks(show_stages))
    show.command("people")(asks(show_people))


def show_stages(asking: Asking) -> None:
    """Show the stages of the alliance beside those of its assets, who owns each, and the handovers between them."""
    with asking.reading() as asked:
        answer, zone = asked.named("stages"), asked.zone()
    asking.tell(answer, lambda: _print_stages(answer, zone))


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


def show_people(asking: Asking) -> None:
    """Show who does what, by id, and who is whose counterpart: by level, whatever the titles say."""
    with asking.reading() as asked:
        answer, zone = asked.named("people"), asked.zone()
    found = people.counterparts(answer.data.values())
    data = {"people": answer.data, "counterparts": found}
    asking.tell(answer, lambda: _print_people(answer, found, zone), data)


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
