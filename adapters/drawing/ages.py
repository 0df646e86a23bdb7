"""Ageing: each open item as a dot at its age, against the ages by which a quarter, half and more had ended."""

from collections.abc import Mapping
from typing import Any

from adapters.drawing.svg import COLOURS, FAINT, GRID, INK, Axis, Sheet

LEFT, RIGHT, TOP, BOTTOM = 40, 740, 70, 340
SHADES = ("#f4f8fb", "#e3eef6", "#cfe2f0", "#b5d2e7", "#f6d9c6")
NAMED_MAX = 6
LABEL_PIXELS = 15


def ageing(data: Mapping[str, Any]) -> str:
    """Return the open items of `ageing` as SVG."""
    items = sorted(data["open_items"], key=lambda item: item["age_days"])
    sheet = Sheet("The age of every open decision against the times by which others had ended")
    sheet.words((LEFT, 24), "How old is what is open?", size=16, weight="bold")
    counted = f"{len(items):,} open; shaded: by when 25, 50, 75 and 90 % of all decisions had ended"
    sheet.words((LEFT, 42), counted, fill=FAINT)
    bands = [(p, days) for p, days in data["bands_days"].items() if days is not None]
    last = max([item["age_days"] for item in items] + [days for _, days in bands] + [1.0])
    across = Axis(0, last * 1.1, LEFT, RIGHT, logarithmic=True)
    _bands(sheet, bands, across)
    apart = max(1, len(items) * LABEL_PIXELS // (BOTTOM - TOP))
    for number, item in enumerate(items):
        y = BOTTOM - 14 - (BOTTOM - TOP - 28) * (number / max(1, len(items) - 1))
        chance = "unknown" if item["chance"] is None else f"{item['chance']:.0%}"
        title = f"{item['decision']}: {item['age_days']:,.0f} days, chance within {data['within_days']} days {chance}"
        sheet.dot((across.at(item["age_days"]), y), fill=COLOURS[1], title=title)
        if (len(items) - 1 - number) % apart == 0 and number >= len(items) - NAMED_MAX * apart:
            sheet.words((across.at(item["age_days"]) - 8, y + 4), str(item["decision"])[:24], anchor="end", size=11)
    return sheet.render()


def _bands(sheet: Sheet, bands: list[tuple[str, float]], across: Axis) -> None:
    edges = [0.0, *(days for _, days in bands), across.high]
    for shade, since, until in zip(SHADES, edges, edges[1:], strict=False):
        x = across.at(since)
        sheet.bar((x, TOP), (across.at(until) - x, BOTTOM - TOP), fill=shade)
    for p, days in bands:
        x = across.at(days)
        sheet.line((x, TOP), (x, BOTTOM), stroke=INK, dash="3 3")
        sheet.words((x, TOP - 6), f"{float(p):.0%}", anchor="middle", size=11)
        sheet.words((x + 3, BOTTOM - 5), f"{days:,.0f}", size=10, fill=FAINT)
    for tick in across.ticks():
        sheet.line((across.at(tick), BOTTOM), (across.at(tick), BOTTOM + 4), stroke=GRID)
        sheet.words((across.at(tick), BOTTOM + 17), f"{tick:,.0f}", anchor="middle", fill=FAINT)
    sheet.words((RIGHT, BOTTOM + 34), "age in days, on a logarithmic scale", anchor="end", fill=FAINT)
