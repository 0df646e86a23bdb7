"""Commands about charters: check one, and play scenarios against one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.charter_files import compile_charter, read_charter
from adapters.cli.amending import item_differing, print_amended
from adapters.cli.edge import Exit, Format, at_the_edge, out
from adapters.cli.explaining import AtOption, instant_at
from adapters.cli.place import AllianceOption, DatabaseOption, FormatOption, Place, group, place_at
from adapters.governing import amended, governance_known
from adapters.instants import instant_of, say_instant
from adapters.scenarios.comparing import differences, plain
from adapters.scenarios.form import Play, Question, plays_of, read_scenarios
from adapters.scenarios.keeping import private_log
from adapters.scenarios.playing import answers
from domain.charter.describing import said_plainly
from domain.charter.differing import changes
from domain.charter.drawing import ladder_drawn, matrix_drawn, rights_matrix
from domain.errors import CynosureError, Unreadable
from domain.governance.amending import Amended, amended_items

CharterFile = Annotated[Path, typer.Option("--charter", exists=True, dir_okay=False, help="the charter, YAML or JSON")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(at_the_edge(scenario))
    charters = group(app, "charter", "Charters: the contract as rules.")
    charters.command("check")(at_the_edge(check))
    charters.command("diff")(at_the_edge(diff))


def scenario(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="scenarios, YAML 1.2 or JSON")],
    *,
    charter: CharterFile,
    only: Annotated[str | None, typer.Option(help="play only the scenario of this id")] = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Play the scenarios of a file whose `agreement` is the charter's id, and compare every answer.

    Ends with 1 where an answer is not as expected. docs/charter.md says how scenarios and charters are written.
    """
    document = read_charter(charter)
    chosen = [
        play
        for one in read_scenarios(file)
        if one.get("agreement") == document.get("id") and only in (None, one.get("id"))
        for play in plays_of(one)
    ]
    if not chosen:
        which = f"scenario {only!r} of " if only else "scenario of "
        raise Unreadable(f"{file}: no {which}agreement {document.get('id')!r}, the id in {charter}")
    played = [answer for play in chosen for answer in _played(play, document)]
    wrong = [one for one in played if one["differences"]]
    said = {"charter": document["id"], "asked": len(played), "right": len(played) - len(wrong), "answers": played}
    Place("", format_).answer({"data": said}, lambda: _print_played(played, wrong))
    if wrong:
        raise typer.Exit(Exit.DIFFERS)


def diff(
    before: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the charter as it is")],
    after: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the charter as it would be")],
    *,
    at: AtOption = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="T", help="from when the amendment speaks; else when it is asked")
    ] = None,
    alliance: AllianceOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Say what an amendment changes, rule by rule, and in a log each open item. Ends with 1 if anything.

    Where a log is named (`--database`, `--alliance`), its history is replayed under the charter as it is, with the
    amendment from its day on: what is open then keeps its running clocks, and moves to the amendment or stays, as the
    amendment says. `what-if` answers as if it had always been in force.
    """
    documents = read_charter(before), read_charter(after)
    one, other = (compile_charter(document) for document in documents)
    found = changes(one.charter, other.charter)
    rules = [{"path": each.path, "clause": each.clause, "was": each.was, "is": each.is_now} for each in found]
    place = place_at(database, format_)
    said: dict[str, Any] = {"data": rules}
    items: list[Amended] | None = None
    if database is not None or alliance is not None:
        with place.log() as log:
            name, seconds = place.alliance(log, alliance), instant_at(log, at)
            speaks_from = _speaks_from(from_, other.zone, seconds)
            seconds = max(seconds, speaks_from)
            known = governance_known(log, name, at=seconds, position=log.head())
        now, then, rules_then = amended(known, *documents, speaks_from=speaks_from, seconds=seconds)
        items = list(amended_items(now, then, rules_then, seconds))
        said |= {"open_items": [plain(item_differing(item)) for item in items], "speaks_from": speaks_from}
        said |= {"position": known.position, "effective_at": seconds, "known_at": known.position, "parked": []}

    def text() -> None:
        for each in found:
            clause = f" ({each.clause})" if each.clause else ""
            out.print(f"{each.path}{clause}: {each.was!r} becomes {each.is_now!r}", markup=False, soft_wrap=True)
        out.print(f"{len(found)} differences")
        if items is not None:
            speaks = say_instant(said["speaks_from"], zone=other.zone)
            stay = other.charter.amendment.open_items == "stay"
            out.print(f"speaks from {speaks}; what is open then {'stays under the old' if stay else 'moves to it'}")
            print_amended(items)

    place.answer(said, text)
    if found:
        raise typer.Exit(Exit.DIFFERS)


def _speaks_from(said: str | None, zone: str, asked: int) -> int:
    """Return the instant from which an amendment speaks, in seconds: the start of a day, else that of the question."""
    return asked if said is None else instant_of(said, zone, "--from").seconds


def _played(play: Play, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    with private_log() as log:
        try:
            answered = answers(play, document, log)
        except (CynosureError, LookupError, TypeError, ValueError) as why:
            return [_unplayed(play, question, why) for question in play.questions]
    for question, answer in answered:
        found.append(
            {
                "scenario": play.id,
                "at": question.at,
                "known_at": question.known_at,
                "subject": dict(question.subject),
                "expected": plain(question.expect),
                "answer": plain(answer),
                "differences": differences(question.expect, answer),
            }
        )
    return found


def _unplayed(play: Play, question: Question, why: Exception) -> dict[str, Any]:
    """Return what is said of a question whose scenario cannot be played: the others are played all the same."""
    return {
        "scenario": play.id,
        "at": question.at,
        "known_at": question.known_at,
        "subject": dict(question.subject),
        "expected": plain(question.expect),
        "answer": None,
        "differences": list(why.faults) if isinstance(why, Unreadable) else [f"cannot be played: {why}"],
    }


def _print_played(played: Sequence[Mapping[str, Any]], wrong: Sequence[Mapping[str, Any]]) -> None:
    for warning in dict.fromkeys(warning for one in wrong for warning in (one["answer"] or {}).get("warnings", ())):
        out.print(f"warning: {warning}", markup=False, soft_wrap=True)
    said: list[str] = []
    for one in wrong:
        subject = " ".join(f"{key} {value}" for key, value in one["subject"].items())
        out.print(f"{one['scenario']}, {subject} at {one['at']}:", markup=False, soft_wrap=True)
        shown = ["as above"] if one["answer"] is None and one["differences"] == said else one["differences"]
        for difference in shown:
            out.print(f"  {difference}", markup=False, soft_wrap=True)
        said = one["differences"]
    out.print(f"{len(played) - len(wrong)} of {len(played)} answers as expected")


def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a charter, YAML or JSON")],
    *,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Compile a charter: name every fault by path and clause, or show its ladder, its rules in words and its rights."""
    rules = compile_charter(read_charter(file))
    said = {
        "charter": rules.charter.id,
        "version": rules.charter.version,
        "warnings": list(rules.warnings),
        "ladder": ladder_drawn(rules.charter),
        "in_words": said_plainly(rules.charter),
        "rights": rights_matrix(rules.charter),
    }

    def text() -> None:
        parts = [
            ("Warnings", said["warnings"]),
            ("Ladder", said["ladder"]),
            ("In words", said["in_words"]),
            ("Who decides what, and at which level", matrix_drawn(rules.charter)),
        ]
        for title, lines in parts:
            if lines:
                out.print(f"\n{title}", style="bold")
            for line in lines:
                out.print(f"  {line}", markup=False, soft_wrap=True)

    Place("", format_).answer({"data": said}, text)
