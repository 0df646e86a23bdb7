"""Commands that show seats, words, work streams, health checks, and the briefing for whoever takes a seat."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from adapters.cli.asking import Asking, asks
from adapters.cli.edge import out
from adapters.cli.place import group
from adapters.governing import governance_known
from adapters.reading import Answer
from adapters.saying import day, days, ratio_of, turn
from domain.corrections import in_effect
from domain.errors import Impossible
from domain.events.decision import ENDINGS
from domain.governance.docket import docket
from domain.recorded import Recorded
from projections import alignment_over_time, glossary, health_checks, operating_profiles, seats, work_streams
from projections.estimators.samples import responsiveness
from projections.measures import briefing as briefings


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    show = group(app, "show", "Show an alliance, a decision and more, as known now or then.")
    show.command("seats")(asks(show_seats))
    show.command("glossary")(asks(show_glossary))
    show.command("work-streams")(asks(show_work_streams))
    show.command("briefing")(asks(show_briefing))
    show.command("profiles")(asks(show_profiles))
    show.command("health")(asks(show_health))


def show_profiles(asking: Asking) -> None:
    """Show where the parties work differently, in days or in words, what that predicts, and what answers it."""
    with asking.reading() as asked:
        answer, shared = asked.named("operating_profiles"), asked.rows("alignment_over_time")
    found = operating_profiles.differences(answer.data.values())
    measured = alignment_over_time.answers(shared.data)
    medians = {party: responsiveness(times).median for party, times in measured.items() if times}
    data = {
        "profiles": msgspec.to_builtins(answer.data),
        "differences": msgspec.to_builtins(found),
        "unread": [list(pair) for pair in operating_profiles.unread(answer.data.values())],
        "median_seconds_to_confirm": medians,
    }
    asking.tell(answer, lambda: _print_profiles(answer, found, medians), data)


def _print_profiles(
    answer: Answer[dict[str, operating_profiles.Row]],
    found: list[operating_profiles.Difference],
    medians: dict[str, Any],
) -> None:
    table = Table("aspect", "one side", "the other", "days apart", "predicts", "answered by", box=None, pad_edge=False)
    for one in found:
        sides = (f"{one.one}: {one.one_says}", f"{one.other}: {one.other_says}")
        apart = "-" if one.gap_days is None else str(one.gap_days)
        table.add_row(one.aspect.replace("_", " "), *sides, apart, one.predicts, one.answered_by or "nothing yet")
    out.print(table if found else "no difference is known: state an operating profile for each party")
    for party, seconds in medians.items():
        out.print(f"{party} confirms within {days(seconds)} days in half the cases", markup=False)
    for reader, owner in operating_profiles.unread(answer.data.values()):
        out.print(f"{reader} has not read the profile of {owner}", markup=False)


def show_health(asking: Asking) -> None:
    """Show how it feels to each party, question by question, and the gap; never mixed with what is measured."""
    with asking.reading() as asked:
        answer, zone = asked.named("health_checks"), asked.zone()
    data = {
        name: {
            "responses": row.responses,
            "closed_at": row.closed_at,
            "means": {
                question: {party: ratio_of(mean) for party, mean in by_party.items()}
                | {"gap": ratio_of(health_checks.gap(by_party))}
                for question, by_party in health_checks.means(row).items()
            },
        }
        for name, row in answer.data.items()
    }
    asking.tell(answer, lambda: _print_health(answer, zone), data)


def _print_health(answer: Answer[dict[str, health_checks.Row]], zone: str) -> None:
    for name, row in answer.data.items():
        counted = ", ".join(f"{row.responses.get(party, 0)} of {party}" for party in row.parties)
        table = Table(f"{name}, {day(row.opened_at, zone)}", *row.parties, "gap", box=None, pad_edge=False)
        for question, by_party in health_checks.means(row).items():
            apart = health_checks.gap(by_party)
            table.add_row(question.replace("_", " "), *(_score(mean) for mean in by_party.values()), _score(apart))
        out.print(table)
        out.print(f"answers: {counted}; fewer than {health_checks.ANSWERS_MIN} are not shown", style="dim")


def _score(mean: Fraction | None) -> str:
    return "-" if mean is None else f"{float(mean):.1f}"


def show_seats(asking: Asking) -> None:
    """Show who sits where since when, which seats are empty, and who has not read the briefing yet."""
    with asking.reading() as asked:
        answer, zone = asked.named("seats"), asked.zone()
    asking.tell(answer, lambda: _print_seats(answer, zone))


def _print_seats(answer: Answer[dict[str, seats.Row]], zone: str) -> None:
    unread = {(body, seat.seat) for body, seat in seats.not_briefed(answer.data.values())}
    table = Table("body", "seat", "party", "person", "since", "", box=None, pad_edge=False)
    for body in sorted(answer.data.values(), key=lambda row: (row.tier or 0, row.body)):
        for seat in body.seats.values():
            since = seat.sittings[-1].since if seat.person else seat.empty_since
            note = "empty" if seat.person is None else "not briefed yet" if (body.body, seat.seat) in unread else ""
            table.add_row(body.body, seat.seat, seat.party or "-", seat.person or "-", day(since, zone), note)
    out.print(table)


def show_glossary(asking: Asking) -> None:
    """Show the words of the alliance with what each party means by them, and where they differ."""
    with asking.reading() as asked:
        answer, zone = asked.named("glossary"), asked.zone()
    asking.tell(answer, lambda: _print_glossary(answer, zone))


def _print_glossary(answer: Answer[dict[str, glossary.Row]], zone: str) -> None:
    for term, row in answer.data.items():
        differ = glossary.differing(row)
        out.print(f"[bold]{term}[/bold]{'  [red]read differently[/]' if differ else ''}")
        for context, said in row.readings.items():
            if context in row.agreed and context not in differ:
                out.print(f"  agreed, version {row.version}: {row.agreed[context]}", markup=False)
                continue
            for party, reading in said.items():
                where = f" ({context})" if context else ""
                out.print(f"  {party}{where}, since {day(reading.at, zone)}: {reading.text}", markup=False)
        if row.used_in:
            out.print(f"  used in {', '.join(row.used_in)}", markup=False)


def show_work_streams(asking: Asking) -> None:
    """Show the work streams: phase, owners on both sides, plan and how often it moved, open decisions."""
    with asking.reading() as asked:
        answer, waiting = asked.named("work_streams"), asked.rows("open_decisions")
    held: dict[str, int] = {}
    for row in waiting.data:
        held[row.work_stream or ""] = held.get(row.work_stream or "", 0) + 1
    data = {name: msgspec.to_builtins(row) | {"open_decisions": held.get(name, 0)} for name, row in answer.data.items()}
    asking.tell(answer, lambda: _print_work_streams(answer, held), data)


def _print_work_streams(answer: Answer[dict[str, work_streams.Row]], held: dict[str, int]) -> None:
    parties = sorted({party for row in answer.data.values() for party in row.owners})
    heads = ("work stream", "phase", "state", *parties, "planned end", "open decisions", "touched by")
    table = Table(*heads, box=None, pad_edge=False)
    for name, row in answer.data.items():
        moved = f" (moved {len(row.planned_before)} times)" if row.planned_before else ""
        table.add_row(
            row.title or name,
            row.phases[-1].phase if row.phases else "-",
            row.state,
            *(row.owners.get(party, "-") for party in parties),
            f"{row.planned_end or '-'}{moved}",
            str(held.get(name, 0) or ""),
            ", ".join(row.reorganizations),
        )
    out.print(table)


def show_briefing(
    asking: Asking,
    seat: Annotated[str, typer.Argument(help="the id of a seat", show_default=False)],
) -> None:
    """Show what whoever takes a seat should know: aims, open items, what is read differently, what was decided and why.

    That it was read is recorded with `complete_onboarding`.
    """
    with asking.reading() as asked:
        bodies, name = asked.rows("seats"), asked.alliance
        body = next((row for row in bodies.data if seat in row.seats), None)
        if body is None:
            there = ", ".join(sorted(one for row in bodies.data for one in row.seats)) or "none yet"
            raise Impossible(
                f"there is no seat {seat!r} in alliance {name!r}; there are: {there}", rule="known_subject"
            )
        found = briefings.briefing(
            body,
            seat,
            alliance=asked.rows("alliances").data[0],
            open_decisions=asked.rows("open_decisions").data,
            understandings=asked.rows("alignment").data,
            times=asked.rows("decision_times").data,
        )
        zone = asked.zone()
        now = (bodies.known_at.recorded_at or 0) // 1_000_000
        known = governance_known(asked.log, name, at=now, position=bodies.known_at.position)
    due = {entry.id: entry for entry in docket(known.as_at, name, now) if entry.kind == "decision" and entry.due}
    why = reasons(known.events)
    clocks = {id_: {"due": str(e.due), "clause": e.clause, "then": e.effect} for id_, e in due.items()}
    recent = [msgspec.to_builtins(one) | {"why": why.get((one.decision, one.ended_at))} for one in found.recent]
    data = msgspec.to_builtins(found) | {"clocks": clocks, "recent": recent}
    asking.tell(bodies, lambda: _print_briefing(found, clocks, why, zone=zone, now=now), data)


def reasons(events: Iterable[Recorded[Any]]) -> dict[tuple[str, int], str]:
    """Return why decisions ended, by decision and instant in seconds, where somebody said so.

    A reason is sealed: it is read from the log each time, and never in a row, so that what is forgotten is gone.
    """
    endings = (event for event in in_effect(events) if event.name in ENDINGS)
    said = ((event.fact.decision, event.at, event.meta.reason or event.meta.note) for event in endings)
    return {(decision, at): why for decision, at, why in said if why}


def _print_briefing(
    found: briefings.Briefing, clocks: dict[str, Any], why: dict[tuple[str, int], str], *, zone: str, now: int
) -> None:
    after = f", after {found.predecessor}" if found.predecessor else ""
    out.print(
        f"[bold]Briefing for {found.seat}[/bold] of {found.body}, {found.party}: {found.person or 'empty'}{after}"
    )
    if found.north_star:
        whom = f", for {', '.join(who.replace('_', ' ') for who in found.for_whom)}" if found.for_whom else ""
        out.print(f"aim: {found.north_star}{whom}", markup=False)
    table = Table("open", "with", "raised", "days", "due", box=None, pad_edge=False)
    for item in found.open_items:
        whose = turn(item.held_by, item.holder) + (", paused" if item.paused else "") + (" <" if item.ours else "")
        clock = clocks.get(item.decision)
        due = f"{clock['due']} ({clock['clause']}), then {clock['then']}" if clock else "-"
        raised = day(item.raised_at, zone)
        table.add_row(item.title or item.decision, whose, raised, days(now - item.raised_at), due)
    out.print(table if found.open_items else "nothing is open")
    for one in found.unshared:
        owed = ", yours to confirm" if one.owed_by_us else ""
        words = ", ".join(f"{party} {word}" for party, word in one.words.items())
        out.print(f"{one.state}: {one.understanding} ({words}){owed}", markup=False)
        for party, reading in one.readings.items():
            out.print(f"    {party}: {reading}", markup=False)
    for decided in found.recent:
        took = f" after {days(decided.took)} days" if decided.took is not None else ""
        said = f"{day(decided.ended_at, zone)}  {decided.title or decided.decision}: {decided.ending}{took}"
        out.print(said, markup=False)
        if because := why.get((decided.decision, decided.ended_at)):
            out.print(f"    because: {because}", markup=False)
