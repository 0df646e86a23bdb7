"""Commands that show: an alliance, a decision, the timeline, what was known when, and what changed since."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Group
from rich.table import Table

from adapters.cli.asking import Asking, asks
from adapters.cli.edge import out
from adapters.cli.place import group
from adapters.instants import say_instant
from adapters.read_models import read_models
from adapters.reading import Answer, KnownAt
from adapters.replay import Difference, differences
from adapters.saying import days, share, turn
from domain.errors import Impossible
from projections import alliances, decision_times, open_decisions, timeline

LINES_MAX = 40


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    show = group(app, "show", "Show an alliance, a decision and more, as known now or then.")
    show.command("alliance")(asks(show_alliance))
    show.command("decision")(asks(show_decision))
    app.command("timeline")(asks(show_timeline))
    replay = group(app, "replay", "Show what was known then, and what has changed since.")
    replay.callback(invoke_without_command=True)(asks(replay_state))
    replay.command("diff")(asks(replay_diff, without={"known_at"}))


def show_alliance(asking: Asking) -> None:
    """Show what an alliance is for and for whom, its parties, its open decisions and what they hold in common."""
    with asking.reading() as asked:
        about = asked.one("alliances", what=f"alliance {asked.alliance!r}")
        waiting, held = asked.rows("open_decisions"), asked.rows("alignment")
    data = {
        "alliance": about.data,
        "open_decisions": [_open(row) for row in waiting.data],
        "alignment": dict(Counter(row.state for row in held.data)),
    }
    asking.tell(waiting, lambda: _print_alliance(about.data, waiting, held), data)


def _open(row: open_decisions.Row) -> dict[str, Any]:
    words = {"decision": row.decision, "title": row.title, "turn": turn(row.held_by, row.holder), "since": row.since}
    return words | {"raised_at": row.raised_at, "tier": row.tier, "paused": bool(row.pauses)}


def _print_alliance(about: alliances.Row, waiting: Answer[Any], held: Answer[Any]) -> None:
    out.print(f"[bold]{about.title}[/bold], {about.kind}, {about.stage.replace('_', ' ')}")
    if about.north_star:
        out.print(f"for: {about.north_star}")
    if about.for_whom:
        out.print(f"for whom: {', '.join(w.replace('_', ' ') for w in about.for_whom)}")
    out.print(f"parties: {', '.join(about.parties.values())}; {len(about.work_streams)} work streams")
    if about.charter_version:
        ratified = ", ".join(about.ratified_by) or "nobody yet"
        out.print(f"charter: version {about.charter_version}, ratified by {ratified}")
    states = Counter(row.state for row in held.data)
    if states:
        out.print("understandings: " + ", ".join(f"{count} {state}" for state, count in states.most_common()))
    if waiting.data:
        table = Table("open decision", "whose turn", "since", "tier", "raised", box=None, pad_edge=False)
        for row in sorted(waiting.data, key=lambda r: r.raised_at)[:LINES_MAX]:
            table.add_row(
                row.title or row.decision,
                turn(row.held_by, row.holder) + (" paused" if row.pauses else ""),
                say_instant(row.since, zone=about.zone, precision="day"),
                row.tier or "-",
                say_instant(row.raised_at, zone=about.zone, precision="day"),
            )
        out.print(table)


def show_decision(
    asking: Asking,
    decision: Annotated[str, typer.Argument(help="the id of a decision", show_default=False)],
) -> None:
    """Show a decision: where it stands, where its days went, and what happened to it."""
    with asking.reading() as asked:
        times = asked.one("decision_times", decision, what=f"decision {decision!r}")
        waiting = asked.rows("open_decisions", decision)
        happened = asked.answer(
            "timeline", lambda rows: [r for r in rows.values() if (r.noun, r.subject) == ("decision", decision)]
        )
    data = {"times": times.data, "open": waiting.data, "timeline": happened.data}
    asking.tell(times, lambda: _print_decision(times, waiting.data, happened.data), data)


def _print_decision(times: Answer[Any], waiting: list[open_decisions.Row], happened: list[timeline.Row]) -> None:
    row: decision_times.Row = times.data
    cycle = row.cycles[-1]
    out.print(
        f"[bold]{row.title or row.decision}[/bold] ({row.decision}), {row.kind}, matter {row.matter or 'not said'}"
    )
    zone = happened[0].zone if happened else "UTC"
    if waiting:
        paused_since = say_instant(waiting[0].paused_since or 0, zone=zone, precision="day")
        paused = f", paused since {paused_since}" if waiting[0].pauses else ""
        since = say_instant(waiting[0].since, zone=zone, precision="day")
        whose = turn(waiting[0].held_by, waiting[0].holder)
        out.print(f"open in cycle {waiting[0].cycle}: the turn is with {whose} since {since}{paused}")
    elif cycle.end is not None:
        took = days(cycle.end - cycle.start) if cycle.start is not None else "an unknown number of"
        out.print(f"{cycle.status}: {cycle.ending or 'out of the alliance'} after {took} days")
    out.print(where_the_days_went(row, zone))
    for line in happened[:LINES_MAX]:
        out.print(f"  {_when(line)}  {timeline.sentence(line)}", markup=False)


def where_the_days_went(row: decision_times.Row, zone: str) -> Group:
    """Return a table of days by tier and by holder, of all cycles: of spans that have ended; the last may still run."""
    by_tier: Counter[str] = Counter()
    by_holder: Counter[str] = Counter()
    for cycle in row.cycles:
        by_tier.update(cycle.seconds_by_tier)
        by_holder.update(cycle.seconds_by_holder)
    total = sum(by_tier.values())
    table = Table("where the days went", "days", "share", box=None, pad_edge=False)
    for who, seconds in [*by_holder.most_common()]:
        table.add_row(_holder(who), days(seconds), share(seconds, total))
    tiers = ", ".join(f"{tier} {days(seconds)}" for tier, seconds in by_tier.most_common())
    running = [span for span in row.cycles[-1].spans if span.end is None]
    lines = [
        f"not counted yet: with {_holder(span.holder)} at {span.tier or 'no tier'} since "
        f"{say_instant(span.start, zone=zone, precision='day')}"
        for span in running
    ]
    return Group(table, f"by tier: {tiers or '-'} days", *lines)


def _holder(who: str) -> str:
    kind, _, name = who.partition(":")
    return f"{name} ({kind})" if name else kind


def _when(row: timeline.Row) -> str:
    return say_instant(row.at, zone=row.zone, precision=row.precision)


def show_timeline(
    asking: Asking,
    *,
    subject: Annotated[str | None, typer.Option(help="only this decision, metric, body ...")] = None,
    last: Annotated[int, typer.Option(min=1, help="only the last so many")] = LINES_MAX,
) -> None:
    """Show what happened, in the order in which it was learned; late records say how late they were."""
    with asking.reading() as asked:
        answer = asked.answer(
            "timeline", lambda rows: [r for r in rows.values() if subject in {None, r.subject}][-last:]
        )
    asking.tell(answer, lambda: _print_timeline(answer))


def _print_timeline(answer: Answer[list[timeline.Row]]) -> None:
    table = Table("position", "when", "what", box=None, pad_edge=False)
    for row in answer.data:
        found = f"  [found: {', '.join(row.findings)}]" if row.findings else ""
        table.add_row(str(row.position), _when(row), f"{row.noun} {row.subject}: {timeline.sentence(row)}{found}")
    out.print(table, markup=False)


def replay_state(asking: Asking, context: typer.Context) -> None:
    """Show the state of an alliance as it was known at a position or instant. It never changes as the log grows."""
    if context.invoked_subcommand is None:
        if asking.known_at is None:
            raise typer.BadParameter("say --known-at P, or use `replay diff P1 P2`")
        show_alliance(asking)


def replay_diff(
    asking: Asking,
    earlier: Annotated[str, typer.Argument(metavar="P1", help="a log position, or an instant")],
    later: Annotated[str, typer.Argument(metavar="P2", help="a later one")],
    *,
    projection: Annotated[str | None, typer.Option(help="one read model; all but the timeline where not given")] = None,
) -> None:
    """Show which rows differ between what was known then and later, and which events did it."""
    models = read_models()
    if projection is not None and projection not in models:
        raise Impossible(f"there is no read model {projection!r}: {', '.join(models)}", rule="known_read_model")
    names = [projection] if projection else [name for name in models if name != "timeline"]
    with asking.log() as log:
        name = asking.about(log)
        then, now = (asking.place.known_at(log, said) for said in (earlier, later))
        assert then is not None  # noqa: S101  # both were given
        assert now is not None  # noqa: S101
        found = {n: differences(log, models[n], then.position, now.position, alliance=name) for n in names}
    data = {n: [_differing(d) for d in each] for n, each in found.items() if each}
    answer = {"data": data, "position": now.position, "known_at": [then.position, now.position], "parked": []}
    asking.place.answer(answer, lambda: _print_differences(found, then, now))


def _differing(difference: Difference) -> Mapping[str, Any]:
    return msgspec.to_builtins(  # type: ignore[no-any-return]
        {
            "key": list(difference.key),
            "before": difference.before,
            "after": difference.after,
            "causes": list(difference.causes),
        },
        str_keys=True,
    )


def _print_differences(found: Mapping[str, list[Difference]], then: KnownAt, now: KnownAt) -> None:
    out.print(f"between position {then.position} and {now.position}:")
    for name, each in found.items():
        for difference in each[:LINES_MAX]:
            did = ", ".join(f"{cause.name} at {cause.position}" for cause in difference.causes)
            change = "new" if difference.before is None else "gone" if difference.after is None else "changed"
            out.print(f"  {name} {'/'.join(difference.key[1:]) or difference.key[0]}: {change}, by {did}", markup=False)
            for line in _changed_words(difference):
                out.print(f"      {line}", markup=False)


def _changed_words(difference: Difference) -> list[str]:
    if difference.before is None or difference.after is None:
        return []
    before, after = (msgspec.to_builtins(row, str_keys=True) for row in (difference.before, difference.after))
    plain = (str, int, bool, type(None))
    return [
        f"{word}: {before[word]} -> {after[word]}"
        for word in after
        if before.get(word) != after[word] and isinstance(after[word], plain) and isinstance(before.get(word), plain)
    ]
