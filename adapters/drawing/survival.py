"""Survival curves: the share still open, in its band, with marks where follow-up stopped and numbers at risk."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.drawing.svg import COLOURS, FAINT, INK, Axis, Point, Sheet, frame, legend

LEFT, RIGHT, TOP, BOTTOM = 70, 740, 60, 320
RISK_SHOWN_MAX = 7


def survival(data: Mapping[str, Any]) -> str:
    """Return the curve of `decision-times` as SVG."""
    sheet = Sheet("The share of decisions still open, by days since they were raised, in its 95 % interval")
    sheet.words((LEFT, 24), "Still open, by days since raised", size=16, weight="bold")
    counted = f"{data['n']:,} decisions, {data['observed']:,} ended, {data['censored']:,} still open (+)"
    sheet.words((LEFT, 42), counted, fill=FAINT)
    across, up = _axes([data["curve"]])
    frame(sheet, across, up, below="days, on a logarithmic scale", beside="", percent=True)
    _curve(sheet, data["curve"], across, up, COLOURS[0])
    for day, share in data["censor_marks"]:
        x, y = across.at(day), up.at(share)
        sheet.line((x, y - 4), (x, y + 4), stroke=INK, width=0.7)
    _at_risk(sheet, data["survival"], across)
    return sheet.render()


def before_after(data: Mapping[str, Any]) -> str:
    """Return the curves of `reorganization-effect` as SVG: all before, the matched years before, and after."""
    curves = data["curves"]
    sheet = Sheet(data["says"])
    sheet.words((LEFT, 24), f"Before and after: {data['change']['name']}", size=16, weight="bold")
    across, up = _axes(curves.values())
    frame(sheet, across, up, below="days since raised, on a logarithmic scale", beside="still open", percent=True)
    for colour, points in zip(COLOURS, curves.values(), strict=False):
        _curve(sheet, points, across, up, colour, band=False)
    legend(sheet, curves, (LEFT + 80, 46))
    for number, part in enumerate(_wrapped(data["says"], 105)):
        sheet.words((LEFT, BOTTOM + 60 + 16 * number), part, size=12)
    return sheet.render()


def _axes(curves: Any) -> tuple[Axis, Axis]:
    last = max((point[0] for points in curves for point in points), default=1.0)
    return Axis(0, max(last, 1.0), LEFT, RIGHT, logarithmic=True), Axis(0, 1, BOTTOM, TOP)


def _curve(sheet: Sheet, points: Sequence[Any], across: Axis, up: Axis, colour: str, *, band: bool = True) -> None:
    if band:
        known = [point for point in points if point[2] is not None]
        low = _steps([(day, below) for day, _, below, _ in known], across, up)
        high = _steps([(day, above) for day, _, _, above in known], across, up)
        sheet.area([*high, *reversed(low)], fill=colour)
    sheet.path(_steps([(point[0], point[1]) for point in points], across, up), stroke=colour)


def _steps(points: Sequence[Point], across: Axis, up: Axis) -> list[Point]:
    drawn: list[Point] = []
    for day, share in points:
        x, y = across.at(day), up.at(share)
        if drawn:
            drawn.append((x, drawn[-1][1]))
        drawn.append((x, y))
    return drawn


def _at_risk(sheet: Sheet, survival_at: Sequence[Mapping[str, Any]], across: Axis) -> None:
    sheet.words((LEFT, BOTTOM + 60), "at risk", fill=FAINT)
    placed = float(LEFT)
    for point in survival_at:
        x = across.at(point["days"])
        if x - placed >= (RIGHT - LEFT) / (2 * RISK_SHOWN_MAX) and point["days"] <= across.high:
            sheet.words((x, BOTTOM + 78), f"{point['at_risk']:,}", anchor="middle", size=12)
            sheet.words((x, BOTTOM + 60), f"{point['days']:,}", anchor="middle", fill=FAINT)
            placed = x


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
