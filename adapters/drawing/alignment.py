"""Pictures of what is held in common: by party over time, horizons apart, work streams and what belongs to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from adapters.drawing.svg import COLOURS, FAINT, GRID, INK, Axis, Sheet
from projections import alignment
from projections.alignment_over_time import Row as OverTime
from projections.alignment_over_time import side_stretches, stretches
from projections.drift import Cause
from projections.work_streams import Row as WorkStream

WORDS = {
    "confirmed": (COLOURS[2], "holds it"),
    "unsettled": (COLOURS[4], "unsettled by drift"),
    "divergent": (COLOURS[1], "reads it differently"),
    "partial": (COLOURS[5], "some functions hold it"),
    "behind": (COLOURS[3], "at an older version"),
    "none": (GRID, "has not confirmed"),
}
STATES = {
    "aligned": COLOURS[2],
    "partial": COLOURS[5],
    "unsettled": COLOURS[4],
    "divergent": COLOURS[1],
    "none": "#c9c9c9",
    "retired": GRID,
}
WIDTH = 980
LEFT, TOP, BAR, GAP = 190, 90, 9, 10
ROWS_MAX = 60
MARKED = frozenset({"reorganization", "succession", "lapsed_horizon"})


def over_time(rows: Sequence[OverTime], causes: Sequence[Cause], *, until: int) -> str:
    """Draw, for each understanding, each party's word on it over time, with what caused drift marked above."""
    held = [row for row in rows if row.life.exposed_from is not None][:ROWS_MAX]
    parties = list(dict.fromkeys(party for row in held for party in row.life.sides))
    start = min((row.life.exposed_from or until for row in held), default=until)
    tall = len(parties) * BAR + GAP
    sheet = Sheet(
        f"Who held which understanding, by party ({' above '.join(parties)})", WIDTH, TOP + len(held) * tall + 70
    )
    across = Axis(start, max(until, start + 1), LEFT, WIDTH - 20)
    bottom = TOP + len(held) * tall
    _years(sheet, across, start, until, bottom)
    for index, row in enumerate(held):
        y = TOP + index * tall
        sheet.words((LEFT - 8, y + tall / 2), row.understanding[:28], anchor="end", size=11)
        for line, party in enumerate(parties):
            for each in side_stretches(row, party, until=until):
                left, right = across.at(each.start), across.at(each.end)
                title = f"{row.understanding}, {party}: {WORDS[each.state][1]}, {_day(each.start)} to {_day(each.end)}"
                sheet.bar((left, y + line * BAR), (right - left, BAR - 1.5), fill=WORDS[each.state][0], title=title)
        for each in (one for one in stretches(row, until=until) if one.state == "divergent"):
            left, right = across.at(each.start), across.at(each.end)
            title = f"{row.understanding}: divergent, {_day(each.start)} to {_day(each.end)}"
            sheet.bar((left, y + len(parties) * BAR), (right - left, 2.5), fill=COLOURS[1], title=title)
    _causes(sheet, across, causes, bottom)
    sheet.words((LEFT, 20), f"Each bar: {', then '.join(parties)}; a line beneath: they differ", size=12, weight="bold")
    x = float(LEFT)
    for colour, says in WORDS.values():
        sheet.bar((x, bottom + 36), (12, 12), fill=colour)
        sheet.words((x + 16, bottom + 46), says, size=11)
        x += 34 + 6.2 * len(says)
    return sheet.render()


def _years(sheet: Sheet, across: Axis, start: int, until: int, bottom: float) -> None:
    for year in range(_date(start).year, _date(until).year + 2):
        at = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
        if start <= at <= until:
            sheet.line((across.at(at), TOP - 6), (across.at(at), bottom + 6), stroke=GRID)
            sheet.words((across.at(at), bottom + 20), str(year), anchor="middle", size=11, fill=FAINT)


def _causes(sheet: Sheet, across: Axis, causes: Sequence[Cause], bottom: float) -> None:
    seen: dict[tuple[int, str, str | None], list[str]] = {}
    for cause in causes:
        if cause.cause in MARKED and across.low <= cause.at <= across.high:
            seen.setdefault((cause.at, cause.cause, cause.of), []).append(cause.party)
    for index, ((at, what, of), parties) in enumerate(sorted(seen.items())):
        x = across.at(at)
        sheet.line((x, TOP - 34 + 12 * (index % 3)), (x, bottom), stroke=INK, dash="3 3")
        says = f"{what.replace('_', ' ')} {of or ''} ({', '.join(parties)})"
        sheet.words((x + 3, TOP - 26 + 12 * (index % 3)), says, size=10)


def horizons(rows: Sequence[alignment.Row]) -> str:
    """Draw, for each metric, by when each party means it, and how many days lie between."""
    metrics = [row for row in rows if row.kind == "metric" and any(_horizons(row).values())][:ROWS_MAX]
    days = [day for row in metrics for day in _horizons(row).values()]
    parties = list(dict.fromkeys(party for row in metrics for party in _horizons(row)))
    sheet = Sheet("By when each party means each metric", WIDTH, TOP + 34 * len(metrics) + 60)
    low, high = (min(days), max(days)) if days else (0, 1)
    across = Axis(low - 30, max(high, low + 1) + 30, LEFT + 30, WIDTH - 120)
    colours = {party: COLOURS[index % len(COLOURS)] for index, party in enumerate(parties)}
    for index, (party, colour) in enumerate(colours.items()):
        sheet.dot((LEFT + 36 + 150 * index, 30), fill=colour, radius=5)
        sheet.words((LEFT + 46 + 150 * index, 34), party)
    for year in range(date.fromordinal(max(1, low)).year, date.fromordinal(max(1, high)).year + 2):
        at = date(year, 1, 1).toordinal()
        if low - 30 <= at <= high + 30:
            sheet.line((across.at(at), 50), (across.at(at), TOP + 34 * len(metrics)), stroke=GRID)
            sheet.words((across.at(at), TOP + 34 * len(metrics) + 20), str(year), anchor="middle", fill=FAINT)
    for index, row in enumerate(metrics):
        y, said = TOP + 34 * index + 12, _horizons(row)
        gap = alignment.gaps(row)
        sheet.words((LEFT, y + 4), row.understanding[:28], anchor="end")
        ends = across.at(min(said.values())), across.at(max(said.values()))
        sheet.line((ends[0], y), (ends[1], y), stroke=COLOURS[1] if gap.horizon else GRID, width=3)
        for party, day in said.items():
            title = f"{row.understanding}, {party}: {date.fromordinal(day).isoformat()}"
            sheet.dot((across.at(day), y), fill=colours[party], radius=5, title=title)
        says = f"{gap.horizon_days} days apart" if gap.horizon_days else "the same day"
        sheet.words((WIDTH - 110, y + 4), says, size=11, fill=COLOURS[1] if gap.horizon else FAINT)
    return sheet.render()


def _horizons(row: alignment.Row) -> dict[str, int]:
    stances = row.life.standing.stances
    return {party: date.fromisoformat(s.horizon).toordinal() for party, s in stances.items() if s.horizon}


def matrix(
    streams: Mapping[str, WorkStream], understandings: Mapping[str, alignment.Row], waiting: Mapping[str, int]
) -> str:
    """Draw the work streams as rows: owners, plan, open decisions, and the state of what belongs to each."""
    parties = sorted({party for row in streams.values() for party in row.owners})
    belong = sorted({name for row in streams.values() for name in row.understandings if name in understandings})
    sheet = Sheet("Work streams, and the state of what belongs to each", WIDTH, 120 + 20 * len(streams))
    columns = [*parties, "planned end", "moved", "open", "touched"]
    at = [LEFT + 12 + 84 * index for index in range(len(columns))]
    first = LEFT + 20 + 84 * len(columns)
    step = min(46, (WIDTH - first - 10) / max(1, len(belong)))
    for x, name in zip(at, columns, strict=True):
        sheet.words((x, 52), name, size=11, weight="bold")
    for index, name in enumerate(belong):
        sheet.words((first + step * index, 52 - 13 * (index % 3)), name[:16], size=10, weight="bold")
    for index, (name, row) in enumerate(streams.items()):
        y = 74 + 20 * index
        sheet.line((10, y + 6), (WIDTH - 10, y + 6), stroke=GRID)
        sheet.words((LEFT, y), (row.title or name)[:30], anchor="end", size=11)
        cells = [
            *(row.owners.get(party, "-") for party in parties),
            row.planned_end or "-",
            f"{len(row.planned_before)} times" if row.planned_before else "",
            str(waiting.get(name) or ""),
            str(len(row.reorganizations) or ""),
        ]
        for x, text in zip(at, cells, strict=True):
            sheet.words((x, y), text[:13], size=10)
        for place, understanding in enumerate(belong):
            if understanding in row.understandings:
                state = understandings[understanding].state
                title = f"{row.title or name}: {understanding} is {state}"
                sheet.dot((first + step * place + 6, y - 4), fill=STATES[state], radius=6, title=title)
    for index, (state_word, colour) in enumerate(STATES.items()):
        left = LEFT + 90 * index
        sheet.dot((left, 104 + 20 * len(streams)), fill=colour, radius=5)
        sheet.words((left + 9, 108 + 20 * len(streams)), state_word, size=11)
    return sheet.render()


def _date(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _day(seconds: int) -> str:
    return _date(seconds).isoformat()
