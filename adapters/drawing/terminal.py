"""A survival curve small enough for a terminal: a step line in its band, on a logarithmic axis of days."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = 64
LINES = 10
TICKS_DAYS = (1, 7, 30, 90, 365, 1_095, 3_650)


@dataclass(frozen=True, slots=True)
class Point:
    """The curve at a time in days: the estimate and its band, None where not reached."""

    days: float
    estimate: float | None
    low: float | None
    high: float | None


def survival(points: Sequence[Point], *, columns: int = COLUMNS, lines: int = LINES) -> str:
    """Return the curve as lines of text: `█` the estimate, `░` its band; the share still open to the left."""
    last = max((p.days for p in points), default=1.0)
    grid = [[" "] * columns for _ in range(lines)]
    for column in range(columns):
        at = _at(points, _days(column, columns, last))
        if at is None or at.estimate is None:
            continue
        for line in range(lines):
            top, bottom = 1 - line / lines, 1 - (line + 1) / lines
            within = at.low is not None and at.high is not None and at.low < top and at.high > bottom
            grid[line][column] = "█" if bottom < at.estimate <= top else "░" if within else " "
    drawn = [f"{_share(line, lines):>5} ┤{''.join(row).rstrip()}" for line, row in enumerate(grid)]
    return "\n".join([*drawn, f"{'':>5} └{'─' * columns}", _axis(columns, last)])


def _share(line: int, lines: int) -> str:
    return f"{round(100 * (1 - line / lines))} %" if line % 2 == 0 else ""


def _days(column: int, columns: int, last: float) -> float:
    return math.expm1(math.log1p(last) * column / (columns - 1))


def _at(points: Sequence[Point], days: float) -> Point | None:
    before = [p for p in points if p.days <= days]
    return before[-1] if before else Point(0, 1.0, 1.0, 1.0)


def _axis(columns: int, last: float) -> str:
    line = [" "] * (columns + 12)
    for tick in TICKS_DAYS:
        if tick <= last:
            column = round(math.log1p(tick) / math.log1p(last) * (columns - 1))
            for offset, char in enumerate(f"{tick:,}"):
                line[7 + column + offset] = char
    return "".join(line).rstrip() + " days"
