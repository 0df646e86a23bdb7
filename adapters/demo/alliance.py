"""One alliance: what it is for, whose turn it is, what was known when, two horizons, and where the days went."""

from textwrap import fill, indent
from typing import Any

from rich.console import Console
from rich.table import Table

from adapters.handling import Handler
from adapters.instants import instant_of, say_instant
from adapters.read_models import read_models
from adapters.reading import KnownAt, Reading, known_at_instant
from adapters.saying import days, share, turn
from domain.governance.explain import explain
from projections import alignment
from projections.open_decisions import Row as OpenDecision

ALLIANCE = "digital-health"
LATE = "D-PRICE"
METRIC = "active-patients"
TRAVELLED = "D-EU-LAUNCH"
REORGANIZATION = "R-MERIDIAN"


def show(out: Console, log: Any, reading: Reading) -> None:
    """Print the section."""

    def then(day: str) -> KnownAt:
        return known_at_instant(log, instant_of(day, "UTC", "demo").seconds * 1_000_000, now=2**62)

    about = _one(reading, "alliances", (ALLIANCE,))
    out.rule(
        f"[bold]1. One alliance: {about.title}[/bold] (invented, {len(about.work_streams)} work streams)", align="left"
    )
    out.print(f"for       {about.north_star}")
    out.print(f"for whom  {', '.join(w.replace('_', ' ') for w in about.for_whom)}")
    out.print(f"run by    {' and '.join(about.parties.values())}, charter version {about.charter_version}\n")
    _whose_turn(out, log, reading, about.zone)
    _known_when(out, reading, then)
    _two_horizons(out, reading, then)
    _after_the_reorganization(out, reading)
    _where_the_days_went(out, reading)


def _one(reading: Reading, model: str, key: tuple[str, ...], known: KnownAt | None = None) -> Any:
    return reading.answer(
        read_models()[model], lambda rows: next(iter(rows.values()), None), keys=[key], known_at=known
    ).data


def _whose_turn(out: Console, log: Any, reading: Reading, zone: str) -> None:
    row: OpenDecision = _one(reading, "open_decisions", (ALLIANCE, TRAVELLED))
    now = log.pages(log.head() - 1, 1)[0].recorded_at // 1_000_000
    charter = explain(Handler(log).book(ALLIANCE).governance, {"decision": TRAVELLED}, now)
    since = say_instant(row.since, zone=zone, precision="day")
    out.print(f"[bold]Whose turn is it?[/bold]  {row.title}? (asked on {say_instant(now, zone=zone, precision='day')})")
    out.print(f"  at the {row.tier}, the turn is with {turn(row.held_by, row.holder)} since {since}")
    for clock in charter["clocks"]:
        if clock["id"] == row.tier:
            _clock(out, clock)
    may = ", ".join(f"{each['who']} {each['act']}" for each in charter["may_act"] if each["clause"])
    out.print(f"  who may act: {may}")
    nothing = charter["if_nothing"]
    out.print(f"  if nobody does: {nothing['effect'].replace('_', ' ')} (clause {nothing['clause']})\n")


def _clock(out: Console, clock: Any) -> None:
    closed = [day.partition("(")[2].rstrip(")") for day in clock["counting"] if day.startswith("-")]
    skipped = ", ".join(name for name in closed if name != "weekend")
    said = (
        f"{clock['length'].replace('_', ' ')} from {clock['started']} end on {clock['due']} (clause {clock['clause']})"
    )
    out.print(f"  {said}, {clock['state']}")
    out.print(indent(fill(f"not counted: weekends, {skipped}", 76), "  "))


def _known_when(out: Console, reading: Reading, then: Any) -> None:
    out.print("[bold]What was known when?[/bold]  The price: decided 12 Sep 2024, recorded 19 days later")
    for day, when in (("2024-09-20", "known on 20 September"), ("2024-10-02", "known on 2 October")):
        cycle = _one(reading, "decision_times", (ALLIANCE, LATE), then(day)).cycles[-1]
        said = "open" if cycle.end is None else f"{cycle.ending}, after {days(cycle.end - cycle.start)} days"
        out.print(f"  {when}: {said}")
    out.print()


def _two_horizons(out: Console, reading: Reading, then: Any) -> None:
    table = Table("One target, two horizons", "meridian", "lumen", "so", box=None, pad_edge=False, show_edge=False)
    for known, when in ((then("2023-11-01"), "  known in November 2023"), (None, "  known now")):
        row = _one(reading, "alignment", (ALLIANCE, METRIC), known)
        sides, gap = alignment.by_party(row), alignment.gaps(row).horizon_days
        said = f"{gap} days apart" if gap else row.state
        table.add_row(when, _aim(sides["meridian"]), _aim(sides["lumen"]), said)
    out.print(table)
    out.print()


def _aim(side: alignment.PartyView) -> str:
    return f"{int(side.target or 0):,} by {(side.horizon or '')[:7]}"


def _after_the_reorganization(out: Console, reading: Reading) -> None:
    row = _one(reading, "reorganization_effect", (ALLIANCE, REORGANIZATION))
    took = sorted(row.settled[name] - since for name, since in row.touched.items() if name in row.settled)
    if not took:
        return
    never = len(row.touched) - len(took)
    out.print(f"[bold]What did {row.party}'s reorganization do?[/bold]  {row.title}")
    left = f", {never} never" if never else ""
    out.print(f"  {len(row.touched)} understandings unsettled, confirmed again after {_range(took)}{left}\n")


def _range(took: list[int]) -> str:
    return f"{days(took[0])} to {days(took[-1])} days"


def _where_the_days_went(out: Console, reading: Reading) -> None:
    row = _longest(reading)
    spent: dict[str, int] = {}
    for cycle in row.cycles:
        for holder, seconds in cycle.seconds_by_holder.items():
            spent[holder] = spent.get(holder, 0) + seconds
    total = sum(spent.values())
    shares = ", ".join(
        f"{_holder(who)} {days(seconds)} ({share(seconds, total)})"
        for who, seconds in sorted(spent.items(), key=lambda pair: -pair[1])
    )
    out.print(f"[bold]Where did the days go?[/bold]  {row.title}, {days(total)} days\n  {shares}\n")


def _longest(reading: Reading) -> Any:
    """Return the ended decision that passed through most hands; of those, the longest."""
    rows = reading.answer(read_models()["decision_times"], lambda rows: list(rows.values()), alliance=ALLIANCE).data
    ended = [row for row in rows if row.cycles[-1].end is not None]
    return max(ended, key=lambda row: (sum(len(c.spans) for c in row.cycles), sum(map(_taken, row.cycles))))


def _taken(cycle: Any) -> int:
    return sum(cycle.seconds_by_holder.values())


def _holder(who: str) -> str:
    return who.partition(":")[2] or who
