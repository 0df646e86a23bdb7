"""Commands that show what the parties hold in common: alignment, metrics, drift and reorganizations."""

from collections import Counter
from fractions import Fraction
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from adapters.cli.asking import Asking, asks
from adapters.cli.edge import out
from adapters.cli.place import group
from adapters.instants import instant_of
from adapters.reading import Answer
from adapters.saying import day, days, ratio_of, share
from domain.errors import Impossible
from projections import alignment, alignment_over_time, drift, metric_dashboard, reorganization_effect, seats

UntilOption = Annotated[
    str | None, typer.Option(help="measure up to this day or instant; up to the log's clock where not given")
]
PERIODS_SHOWN_MAX, ROWS_SHOWN_MAX = 8, 200
STATE_STYLES = {"aligned": "green", "divergent": "red", "unsettled": "yellow", "partial": "yellow"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    show = group(app, "show", "Show an alliance, a decision and more, as known now or then.")
    show.command("alignment")(asks(show_alignment))
    show.command("metric")(asks(show_metric))
    show.command("dashboard")(asks(show_dashboard))
    show.command("drift")(asks(show_drift))
    show.command("reorganization")(asks(show_reorganization))


def show_alignment(
    asking: Asking,
    understanding: Annotated[str | None, typer.Argument(help="one understanding; all where not given")] = None,
    *,
    until: UntilOption = None,
) -> None:
    """Show who holds which understanding, who reads it differently, what unsettled it, and since when."""
    with asking.reading("alignment", "contributions", "alliances") as asked:
        key = (understanding,) if understanding else ()
        held, serving, zone = asked.rows("alignment", *key), asked.rows("contributions", *key), asked.zone()
    if understanding and not held.data:
        raise Impossible(f"there is no understanding {understanding!r}", rule="known_subject")
    end = until_of(until, held)
    shared = alignment_over_time.exposures(held.data, until=end)
    data = {
        "understandings": [said_of(row) for row in held.data],
        "states": dict(Counter(row.state for row in held.data)),
        "until": end,
        "exposure_seconds": shared.exposed,
        "misaligned_seconds": shared.misaligned,
        "availability": ratio_of(shared.availability),
    }
    if understanding and serving.data:
        data["served_by"] = msgspec.to_builtins(serving.data[0])
    asking.tell(held, lambda: _print_alignment(held, data, zone, detailed=understanding is not None), data)


def until_of(said: str | None, answer: Answer[Any]) -> int:
    """Return the instant that `--until` names, in seconds, else the clock of the log."""
    if said is not None:
        return instant_of(said, "UTC", "--until").seconds
    return (answer.known_at.recorded_at or 0) // 1_000_000


def said_of(row: alignment.Row) -> dict[str, Any]:
    """Return an understanding in plain words: both sides, and where they are apart."""
    standing = row.life.standing
    gaps = alignment.gaps(row)
    return {
        "understanding": row.understanding,
        "kind": row.kind,
        "version": standing.version,
        "state": row.state,
        "since": row.since,
        "parties": msgspec.to_builtins(alignment.by_party(row)),
        "gaps": msgspec.to_builtins(gaps) if row.kind == "metric" else None,
        "history": [{"at": span.at, "state": span.state} for span in row.life.spans],
    }


def _print_alignment(held: Answer[list[alignment.Row]], data: dict[str, Any], zone: str, *, detailed: bool) -> None:
    parties = list(dict.fromkeys(p for row in held.data for p in alignment.by_party(row)))
    table = Table("understanding", "kind", "version", "state", "since", *parties, box=None, pad_edge=False)
    ordered = sorted(held.data, key=lambda r: (r.state == "aligned", r.kind or "", r.understanding))
    for row in ordered[:ROWS_SHOWN_MAX]:
        sides = alignment.by_party(row)
        state = f"[{STATE_STYLES.get(row.state, 'default')}]{row.state}[/]"
        since = day(row.since, zone)
        words = [_side(sides[p]) if p in sides else "" for p in parties]
        kind = (row.kind or "").replace("_", " ")
        table.add_row(row.understanding, kind, row.life.standing.version or "-", state, since, *words)
    out.print(table)
    if len(ordered) > ROWS_SHOWN_MAX:
        out.print(f"... and {len(ordered) - ROWS_SHOWN_MAX} more; --format json tells them all")
    for row in held.data if detailed else ():
        _print_detail(row, zone)
    if served := data.get("served_by"):
        for whom, metrics in served["shown_by"].items():
            out.print(f"for {whom.replace('_', ' ')}: shown by {', '.join(metrics)}", markup=False)
        count = ", ".join(f"{len(served[word])} {word}" for word in ("decisions", "metrics", "understandings"))
        out.print(f"served by {count}")
    whole = data["exposure_seconds"]
    until = day(data["until"], zone)
    out.print(
        f"aligned {data['states'].get('aligned', 0)} of {len(held.data)}; over time, up to {until}, the parties were"
        f" aligned {share(whole - data['misaligned_seconds'], whole)} of {days(whole)} days of exposure"
    )


def _side(side: alignment.PartyView) -> str:
    inside = f" ({', '.join(f'{name}: {word}' for name, word in side.functions.items())})" if side.functions else ""
    why = f" by {side.drift.replace('_', ' ')}{f' {side.of}' if side.of else ''}" if side.drift else ""
    behind = f" at {side.version}" if side.state == "behind" else ""
    return f"{side.state}{why}{behind}{inside}"


def _print_detail(row: alignment.Row, zone: str) -> None:
    for party, side in alignment.by_party(row).items():
        if side.reading:
            out.print(f"{party} reads it as: {side.reading}", markup=False)
        if side.horizon or side.target:
            out.print(f"{party}: {side.target or '-'} {side.unit or ''} by {side.horizon or '-'}", markup=False)
    gaps = alignment.gaps(row)
    if gaps.horizon_days:
        out.print(f"horizons are {gaps.horizon_days} days apart")
    for span in row.life.spans:
        out.print(f"  {day(span.at, zone)}  {span.state}")


def show_metric(
    asking: Asking,
    metric: Annotated[str, typer.Argument(help="the id of a metric", show_default=False)],
) -> None:
    """Show a metric as each party means it, how far it has come, and how much of each party's time has gone."""
    with asking.reading("metric_dashboard", "alignment", "alliances") as asked:
        board, held, zone = asked.rows("metric_dashboard", metric), asked.rows("alignment", metric), asked.zone()
    if not board.data:
        raise Impossible(f"there is no metric {metric!r} in alliance {asked.alliance!r}", rule="known_subject")
    data = _metric_words(board.data[0]) | {"alignment": said_of(held.data[0])}
    asking.tell(board, lambda: _print_metric(board.data[0], held.data[0], zone), data)


def _metric_words(row: metric_dashboard.Row) -> dict[str, Any]:
    points = [
        msgspec.to_builtins(
            {
                "period": p.period,
                "party": p.party,
                "value": p.value,
                "unit": p.unit,
                "target": p.target,
                "baseline": p.baseline,
                "horizon": p.horizon,
                "restated": p.restated,
            }
        )
        | {"attained": ratio_of(p.attained), "time_gone": ratio_of(p.time_gone)}
        for p in metric_dashboard.points(row)
    ]
    words = {"metric": row.metric, "title": row.title, "unit": row.unit, "class": row.metric_class, "state": row.state}
    return words | {"version": row.version, "with_divergence": row.with_divergence, "points": points}


def _print_metric(row: metric_dashboard.Row, held: alignment.Row, zone: str) -> None:
    diverging = ", with a divergence" if row.with_divergence else ""
    out.print(f"[bold]{row.title or row.metric}[/bold] ({row.metric}), {row.metric_class}, {row.state}{diverging}")
    sides = alignment.by_party(held)
    table = Table("", *sides, box=None, pad_edge=False)
    table.add_row("definition", *(side.definition or "-" for side in sides.values()))
    table.add_row("target", *(f"{side.target or '-'} {side.unit or ''}" for side in sides.values()))
    table.add_row("by when", *(side.horizon or "-" for side in sides.values()))
    table.add_row("holds it", *(_side(side) for side in sides.values()))
    out.print(table)
    gaps = alignment.gaps(held)
    apart = f"; horizons are {gaps.horizon_days} days apart" if gaps.horizon_days else ""
    since = f" since {day(held.since, zone)}" if held.since is not None else ""
    out.print(f"{held.state}{since}{apart}")
    points = metric_dashboard.points(row)
    periods = list(dict.fromkeys(point.period for point in points))[-PERIODS_SHOWN_MAX:]
    seen = Table("period", "value", *(f"{p}: way, time" for p in sides), box=None, pad_edge=False)
    for period in periods:
        here = {point.party: point for point in points if point.period == period}
        one = next(iter(here.values()))
        progress = [f"{_percent(here[p].attained)}, {_percent(here[p].time_gone)}" if p in here else "-" for p in sides]
        value = f"{one.value} {one.unit}{' (restated)' if one.restated else ''}"
        seen.add_row(period.replace("/", " to "), value, *progress)
    if periods:
        out.print(seen)


def _percent(part: Fraction | None) -> str:
    return "-" if part is None else f"{float(part) * 100:.0f} %"


def show_dashboard(asking: Asking) -> None:
    """Show every metric on one page, as it stands now or stood then: the last value beside both horizons."""
    with asking.reading("metric_dashboard") as asked:
        board = asked.rows("metric_dashboard")
    data = [_metric_words(row) for row in board.data]
    asking.tell(board, lambda: _print_dashboard(board), data)


def _print_dashboard(board: Answer[list[metric_dashboard.Row]]) -> None:
    table = Table("metric", "class", "last period", "value", "target by horizon: way, time", box=None, pad_edge=False)
    for row in board.data:
        points = metric_dashboard.points(row)
        last = [point for point in points if point.period == points[-1].period]
        aims = "; ".join(
            f"{p.party} {p.target} by {p.horizon}: {_percent(p.attained)}, {_percent(p.time_gone)}" for p in last
        )
        value = f"{last[0].value} {last[0].unit}" if last else "-"
        ended = last[0].period.split("/")[1] if last else "-"
        table.add_row(row.title or row.metric, row.metric_class, ended, value, aims)
    out.print(table)


def show_drift(asking: Asking) -> None:
    """Show what unsettled what, how long it took to be settled again, and what never was."""
    with asking.reading("drift", "seats", "alliances") as asked:
        found = asked.answer("drift", lambda rows: drift.causes(rows.values()))
        bodies, zone = asked.rows("seats"), asked.zone()
    empty, unread = seats.empty(bodies.data), seats.not_briefed(bodies.data)
    data = {
        "causes": [msgspec.to_builtins(cause) | {"realigned_after": cause.realigned_after} for cause in found.data],
        "empty_seats": [{"body": body, "seat": seat.seat, "since": seat.empty_since} for body, seat in empty],
        "not_briefed": [
            {"body": body, "seat": seat.seat, "person": seat.person, "since": seat.sittings[-1].since}
            for body, seat in unread
        ],
    }
    asking.tell(found, lambda: _print_drift(found, data, zone), data)


def _print_drift(found: Answer[list[drift.Cause]], data: dict[str, Any], zone: str) -> None:
    table = Table("when", "party", "cause", "touched", "settled after, days", "still open", box=None, pad_edge=False)
    for cause in found.data:
        longest = days(max(cause.settled.values())) if cause.settled else "-"
        what = f"{cause.cause.replace('_', ' ')} {cause.of or ''}"
        touched = str(len(cause.settled) + len(cause.open))
        when = day(cause.at, zone)
        table.add_row(when, cause.party, what, touched, longest, ", ".join(cause.open) or "-")
    out.print(table)
    for seat in data["empty_seats"]:
        out.print(f"{seat['seat']} of {seat['body']} is empty since {day(seat['since'], zone)}", markup=False)
    for seat in data["not_briefed"]:
        who = f"{seat['person']}, in {seat['seat']} of {seat['body']} since {day(seat['since'], zone)}"
        out.print(f"{who}, has not read the briefing", markup=False)


def show_reorganization(
    asking: Asking,
    reorganization: Annotated[str | None, typer.Argument(help="one of them; all where not given")] = None,
) -> None:
    """Show what a reorganization touched, how long each understanding took to be confirmed again, what never was."""
    with asking.reading("reorganization_effect", "alliances") as asked:
        found = asked.rows("reorganization_effect", *([reorganization] if reorganization else []))
        zone = asked.zone()
    if reorganization and not found.data:
        raise Impossible(f"there is no reorganization {reorganization!r}", rule="known_subject")
    data = [
        msgspec.to_builtins(row)
        | {
            "realignment": reorganization_effect.realignment(row),
            "never_realigned": list(reorganization_effect.never_realigned(row)),
            "realigned_after": reorganization_effect.realigned_after(row),
        }
        for row in found.data
    ]
    asking.tell(found, lambda: _print_reorganizations(found, zone), data)


def _print_reorganizations(found: Answer[list[reorganization_effect.Row]], zone: str) -> None:
    for row in found.data:
        done = day(row.completed_at, zone) if row.completed_at is not None else "still going on"
        begun = day(row.announced_at, zone)
        out.print(f"[bold]{row.title or row.reorganization}[/bold], {row.party}: {begun} to {done}")
        for name, seconds in reorganization_effect.realignment(row).items():
            out.print(f"  {name}: confirmed again after {days(seconds)} days", markup=False)
        for name in reorganization_effect.never_realigned(row):
            out.print(f"  {name}: never confirmed again", markup=False)
        whole = reorganization_effect.realigned_after(row)
        out.print(f"  aligned again after {days(whole)} days" if whole is not None else "  not aligned again")
        if row.orphaned:
            out.print(f"  orphaned: {', '.join(row.orphaned)}", markup=False)
    if found.data:
        out.print("what it did to decisions, against an honest baseline: cynosure measure reorganization-effect")
