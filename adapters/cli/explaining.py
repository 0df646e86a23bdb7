"""Commands that ask the charter: explain an item, the docket, what if, and the clerk."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.charter_files import read_charter
from adapters.cli.asking import Asking, asks
from adapters.cli.edge import Format, at_the_edge, out, stopping
from adapters.cli.place import AllianceOption, DatabaseOption, FormatOption, Place, group, place_at
from adapters.docket_pages import docket_calendar, docket_page
from adapters.event_log import Log
from adapters.governing import clerk as write_due
from adapters.governing import governance_known, under
from adapters.instants import instant_of, say_instant
from adapters.scenarios.comparing import plain
from domain.clocks import iso
from domain.errors import Impossible, Unreadable
from domain.governance.confirming import confirmations
from domain.governance.docket import Entry, docket
from domain.governance.explain import SUBJECTS, explain
from domain.governance.replaying import compared
from domain.values import SECONDS_PER_DAY

MICROSECONDS = 1_000_000
AtOption = Annotated[str | None, typer.Option("--at", metavar="T", help="when: a day (its end) or an instant")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("explain")(asks(explain_subject))
    app.command("docket")(asks(show_docket))
    app.command("what-if")(asks(what_if))
    app.command("clerk")(at_the_edge(run_clerk))
    group(app, "charter", "Charters: the contract as rules.").command("confirmed")(asks(show_confirmed))


def instant_at(log: Log, said: str | None, zone: str = "UTC") -> int:
    """Return the instant that `--at` names in seconds: the last second of a day, else the log's present."""
    if said is not None:
        effective = instant_of(said, zone, "--at")
        return effective.seconds + (SECONDS_PER_DAY - 1 if effective.precision == "day" else 0)
    return present_of(log)


def present_of(log: Log) -> int:
    """Return the present of a log in seconds: this machine's, or the last recorded time of a simulated clock."""
    if log.identity().simulated_clock and log.head():
        (last,) = log.read(after=log.head() - 1, limit=1)
        return last.recorded_at // MICROSECONDS
    return int(time.time())


def subject_of(said: str, part: str | None) -> dict[str, str]:
    """Return the subject that a person names: `D1`, or `minutes:M1` with its kind before a colon."""
    kind, separator, name = said.partition(":")
    subject = {kind: name} if separator and kind in SUBJECTS else {"decision": said}
    return subject | ({"part": part} if part else {})


def explain_subject(
    asking: Asking,
    subject: Annotated[str, typer.Argument(help="a decision, or KIND:ID with KIND one of " + ", ".join(SUBJECTS))],
    *,
    at: AtOption = None,
    part: Annotated[str | None, typer.Option(help="a part of an obligation that has a clock of its own")] = None,
) -> None:
    """Explain an item: whose turn it is, until when and how that day was counted, under which clause, and what then."""
    with asking.log() as log:
        name, position = asking.about(log), asking.position(log)
        seconds = instant_at(log, at)
        governance = governance_known(log, name, at=seconds, position=position)
        if not governance.as_known.charters:
            raise Impossible(f"alliance {name!r} has no charter in force: adopt one", rule="charter_in_force")
        seconds = instant_at(log, at, governance.as_known.rules_at(seconds).zone)
        governance = governance_known(log, name, at=seconds, position=position)
    about = subject_of(subject, part)
    answer = plain(explain(governance.as_at, about, seconds, charters=governance.as_known))
    if answer == {"state": "unknown"}:
        raise Impossible(f"{name} knows no {' '.join(f'{k} {v}' for k, v in about.items())}", rule="known_subject")
    said = {"data": answer, "position": position, "effective_at": seconds, "known_at": position, "parked": []}
    asking.place.answer(said, lambda: print_answer(about, answer, seconds))


def print_answer(about: Mapping[str, str], answer: Mapping[str, Any], seconds: int) -> None:
    """Print an explanation for people, each statement with its clause."""
    out.print(f"[bold]{' '.join(about.values())}[/bold] at {iso(seconds)}: {answer['state']}", highlight=False)
    holder = answer.get("holder") or {}
    if answer.get("tier"):
        out.print(f"where: {answer['tier']}, matter {answer.get('matter')}, for {answer.get('elapsed_days')} days")
    out.print(f"whose turn: {holder.get('id') or holder.get('kind')}")
    if answer.get("outcome"):
        out.print(f"outcome: {answer['outcome']} ({answer.get('method') or 'no method'})")
    for clock in answer.get("clocks", ()):
        out.print(_clock_said(clock), markup=False)
        for line in [line for line in clock["counting"] if "(" in line or line.startswith("0 ")]:
            out.print(f"    {line}", markup=False)
    acts = [f"{one['who']} may {one['act']}{_under(one)}" for one in answer.get("may_act", ())]
    out.print("who may act: " + ("; ".join(acts) or "nobody"), markup=False, soft_wrap=True)
    if say := answer.get("final_say"):
        held = f" by {', '.join(say['who'])}, at {say['level']}" if say["who"] else ""
        out.print(f"final say: {say['state']}{held}{_under(say)}", markup=False)
    nothing = answer.get("if_nothing") or {}
    then = "".join(f" {nothing[key]}" for key in ("to", "on") if nothing.get(key))
    out.print(f"if nobody acts: {nothing.get('effect')}{then}{_under(nothing)}", markup=False)
    if answer.get("findings"):
        out.print(f"findings: {', '.join(answer['findings'])}", markup=False)


def _clock_said(clock: Mapping[str, Any]) -> str:
    due = f", due {clock['due']}" if clock["due"] else ""
    left = f", {clock['remaining']} left, paused by {', '.join(clock['causes'])}" if clock["remaining"] else ""
    return f"  {clock['kind']} {clock['id']}: {clock['length']}, {clock['state']}{due}{left}{_under(clock)}"


def _under(one: Mapping[str, Any]) -> str:
    return f" ({one['clause']})" if one.get("clause") else ""


def show_docket(
    asking: Asking,
    *,
    party: Annotated[str | None, typer.Option(help="only what is due from this party")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="only what is due by this day")] = None,
    body: Annotated[str | None, typer.Option(help="only what lies with this body")] = None,
    at: AtOption = None,
    html: Annotated[Path | None, typer.Option(help="write one self-contained page")] = None,
    ics: Annotated[Path | None, typer.Option(help="write an iCalendar file")] = None,
) -> None:
    """List everything that is due, over all alliances and work streams, by day, with its clause and its consequence."""
    last = _day(until)
    with asking.log() as log:
        seconds, position = instant_at(log, at), asking.position(log)
        entries = [
            entry
            for name in ([asking.about(log)] if asking.alliance else log.alliances())
            for entry in docket(
                governance_known(log, name, at=seconds, position=position).as_at,
                name,
                seconds,
                party=party,
                until=last,
                body=body,
            )
        ]
    entries.sort(key=lambda one: (one.due or date.max, one.alliance, one.kind, one.id))
    title = f"Docket{f' of {party}' if party else ''}{f' until {until}' if until else ''}"
    if html:
        html.write_text(docket_page(title, entries, say_instant(seconds)), encoding="utf-8")
    if ics:
        ics.write_bytes(docket_calendar(title, entries))
    rows = [plain(asdict(entry)) for entry in entries]
    said = {"data": rows, "position": position, "effective_at": seconds, "known_at": position, "parked": []}
    asking.place.answer(said, lambda: print_docket(title, entries))


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Unreadable(f"--until: {said!r} is no day; write 2026-03-04") from None


def print_docket(title: str, entries: list[Entry]) -> None:
    """Print a docket by day."""
    out.print(f"[bold]{title}[/bold]: {len(entries)} due")
    day: date | None = None
    for entry in entries:
        if entry.due != day or entry is entries[0]:
            day = entry.due
            out.print(f"[bold]{day or 'no due day'}[/bold]")
        then = f"; then {entry.effect} {', '.join(entry.effect_to)}".rstrip() if entry.effect != "stay" else ""
        whose = entry.holder or entry.holder_kind
        out.print(
            f"  {entry.kind} {entry.title or entry.id}: {whose}, {entry.clock_kind} {entry.state}"
            f"{f' ({entry.clause})' if entry.clause else ''}{then}, {entry.age_days} days old",
            markup=False,
            soft_wrap=True,
        )


def what_if(
    asking: Asking,
    *,
    charter: Annotated[Path, typer.Option("--charter", exists=True, dir_okay=False, help="the charter to try")],
    at: AtOption = None,
) -> None:
    """Replay an alliance's history under another charter, and compare due days, lapses, deciders and durations."""
    document = read_charter(charter)
    with asking.log() as log:
        seconds = instant_at(log, at)
        known = governance_known(log, asking.about(log), at=seconds, position=asking.position(log))
    under_it, _ = under(known, document, seconds)
    found = [
        (plain(asdict(a)) if a else None, plain(asdict(b)) if b else None)
        for a, b in compared(known.as_at, under_it, seconds)
    ]
    data = {"compared": len(known.as_at.items), "differing": [{"is": a, "would_be": b} for a, b in found]}
    said = {"data": data, "position": known.position, "effective_at": seconds, "known_at": known.position, "parked": []}
    asking.place.answer(said, lambda: print_differing(found))


def print_differing(found: list[tuple[dict[str, Any] | None, dict[str, Any] | None]]) -> None:
    """Print the decisions that another charter leads elsewhere."""
    out.print(f"{len(found)} decisions would have gone otherwise")
    for was, would in found:
        out.print(f"  {(was or would or {}).get('decision')}", style="bold", markup=False)
        for title, one in (("is", was), ("would be", would)):
            said = ", ".join(
                f"{key} {value}" for key, value in (one or {}).items() if key != "decision" and value is not None
            )
            out.print(f"    {title}: {said or 'not there'}", markup=False, soft_wrap=True)


def show_confirmed(asking: Asking, *, at: AtOption = None) -> None:
    """List each clause of the charter in force, and which party has confirmed that the data reads it rightly."""
    with asking.log() as log:
        name, seconds, position = asking.about(log), instant_at(log, at), asking.position(log)
        known = governance_known(log, name, at=seconds, position=position).as_known
    if not known.charters:
        raise Impossible(f"alliance {name!r} has no charter in force: adopt one", rule="charter_in_force")
    found = confirmations(known, seconds)
    said = {"data": [asdict(one) for one in found], "position": position, "effective_at": seconds}

    def text() -> None:
        for one in found:
            missing = f"; not yet {', '.join(one.missing)}" if one.missing else ""
            out.print(f"{one.clause}: {', '.join(one.confirmed_by) or 'nobody'}{missing}", markup=False)

    asking.place.answer(said | {"known_at": position, "parked": []}, text)


def run_clerk(
    *,
    now: Annotated[str | None, typer.Option("--now", metavar="T", help="until when; else the log's present")] = None,
    every: Annotated[
        int | None, typer.Option("--every", metavar="SECONDS", min=1, help="go on until stopped, so often")
    ] = None,
    alliance: AllianceOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Write what is due by itself: lapses, the outcome of silence, automatic steps, rights that flip. Never twice."""
    if every is not None and now is not None:
        raise typer.BadParameter("--every goes on with the time, --now is one instant: say one of them")
    place = place_at(database, format_)
    with stopping() as stop:
        _write_due(place, alliance, now)
        while every is not None and not stop.wait(every):
            _write_due(place, alliance, None)


def _write_due(place: Place, alliance: str | None, now: str | None) -> None:
    written: list[dict[str, Any]] = []
    with place.handler() as handler, place.log() as log:
        instant = instant_at(log, now)
        simulated = log.identity().simulated_clock
        for name in [place.alliance(log, alliance)] if alliance else log.alliances():
            written += [
                {"alliance": name, "event": report.name, "at": report.seconds, "clause": report.clause}
                | {"fields": plain(dict(report.fields)), "because_of": list(report.because_of)}
                for report in write_due(handler, name, now=instant, simulated=simulated)
            ]
        position = log.head()
    said = {"data": written, "position": position, "effective_at": instant, "known_at": position, "parked": []}
    place.answer(said, lambda: _print_written(place, written))


def _print_written(_place: Place, written: list[dict[str, Any]]) -> None:
    out.print(f"{len(written)} events written")
    for one in written:
        fields = ", ".join(f"{key} {value}" for key, value in one["fields"].items())
        out.print(f"  {iso(one['at'])} {one['event']}: {fields}{_under(one)}", markup=False, soft_wrap=True)
