"""Flows: how decisions climb the ladder, and how many had come and gone over time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.drawing.svg import COLOURS, FAINT, INK, Axis, Sheet, frame, legend

LEFT, RIGHT, TOP, BOTTOM = 70, 740, 70, 350
RUNG, MIDDLE, HALF = 86, 330, 190


def ladder(data: Mapping[str, Any]) -> str:
    """Return the tiers of `ladder` as SVG, the lowest at the bottom; widths are decisions."""
    tiers = data["tiers"]
    sheet = Sheet(
        "How many decisions entered each tier, were decided there, went up and came back", height=_height(tiers)
    )
    sheet.words((20, 24), "The ladder", size=16, weight="bold")
    most = max((tier["entered"] for tier in tiers), default=1) or 1
    for number, tier in enumerate(reversed(tiers)):
        _rung(sheet, tier, 52 + RUNG * number, most)
    legend(sheet, ("decided here", "escalated", "returned", "other or still here"), (20, _height(tiers) - 14))
    return sheet.render()


def cumulative(data: Mapping[str, Any]) -> str:
    """Return the cumulative flow of `flow` as SVG: the gap between the lines is what is open."""
    points = data["cumulative"]
    sheet = Sheet("Decisions that had come and had gone by each day; the gap is what is open")
    sheet.words((LEFT, 24), "Cumulative flow", size=16, weight="bold")
    flow = data["flow"]
    told = f"{flow['arrivals']:,} came, {flow['departures']:,} left; {flow['mean_open'] or 0:,.1f} open on average"
    sheet.words((LEFT, 42), told, fill=FAINT)
    years = [(datetime.fromtimestamp(t, UTC), came, went) for t, came, went in points]
    across = Axis(_year(years[0][0]), max(_year(years[-1][0]), _year(years[0][0]) + 0.01), LEFT, RIGHT)
    up = Axis(0, max([1, *(came for _, came, _ in points)]), BOTTOM, TOP)
    frame(sheet, across, up, below="year", beside="", grouped=False)
    came = [(across.at(_year(at)), up.at(n)) for at, n, _ in years]
    went = [(across.at(_year(at)), up.at(n)) for at, _, n in years]
    sheet.area([*came, *reversed(went)], fill=COLOURS[0], opacity=0.25)
    sheet.path(came, stroke=COLOURS[0])
    sheet.path(went, stroke=COLOURS[1])
    legend(sheet, ("came", "left"), (LEFT + 20, TOP + 14))
    return sheet.render()


def _rung(sheet: Sheet, tier: Mapping[str, Any], y: float, most: int) -> None:
    entered = tier["entered"]
    width = 2 * HALF * entered / most
    sheet.words((20, y + 22), str(tier["tier"])[:16], weight="bold", size=13)
    sheet.words((20, y + 38), f"{tier['days'] or 0:,.0f} days", fill=FAINT)
    x = MIDDLE - width / 2
    decided = tier["decided"]
    escalated, returned = (min(tier[name], entered) for name in ("escalated", "returned"))
    parts = [decided, escalated, returned, max(0, entered - decided - escalated - returned)]
    scale = width / max(1, sum(parts))
    for colour, count in zip(COLOURS, parts, strict=False):
        sheet.bar((x, y), (count * scale, 46), fill=colour, title=f"{count:,}")
        x += count * scale
    contained = "-" if tier["containment"] is None else f"{tier['containment'][0] / tier['containment'][1]:.0%}"
    told = f"{entered:,} entered, {contained} contained"
    sheet.words((MIDDLE + HALF + 16, y + 20), told, size=12)
    sheet.words((MIDDLE + HALF + 16, y + 38), f"{tier['escalated']:,} up, {tier['returned']:,} back", size=12, fill=INK)


def _height(tiers: Any) -> int:
    return 52 + RUNG * max(1, len(tiers)) + 30


def _year(at: datetime) -> float:
    start = datetime(at.year, 1, 1, tzinfo=UTC)
    return at.year + (at - start).total_seconds() / 31_557_600
