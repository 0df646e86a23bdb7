"""A sheet of SVG: lines, steps, areas, bars and words, and the axes that put figures on it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

WIDTH, HEIGHT = 760, 420
INK, FAINT, GRID = "#222222", "#555555", "#e3e3e3"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d1f", "#999999")
"""Told apart by people who see colours differently. Source: Okabe and Ito (2008)."""
DARK = frozenset({"#0072b2", "#8c6d1f"})
"""The colours on which words are white; on the others they are black. Each has a contrast of 4.5 or more."""

Point = tuple[float, float]


@dataclass
class Sheet:
    """Shapes in the order of drawing. `says` is what a reader hears who cannot see it."""

    says: str
    width: int = WIDTH
    height: int = HEIGHT
    shapes: list[str] = field(default_factory=list)

    def line(self, start: Point, end: Point, *, stroke: str = INK, width: float = 1, dash: str = "") -> None:
        """Draw a straight line."""
        self._add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=stroke, stroke_width=width, dash=dash)

    def path(self, points: Sequence[Point], *, stroke: str = INK, width: float = 2) -> None:
        """Draw a line through points."""
        self._add("polyline", points=_points(points), fill="none", stroke=stroke, stroke_width=width)

    def area(self, points: Sequence[Point], *, fill: str, opacity: float = 0.18) -> None:
        """Fill the area inside points."""
        self._add("polygon", points=_points(points), fill=fill, fill_opacity=opacity, stroke="none")

    def bar(self, corner: Point, size: Point, *, fill: str, title: str = "") -> None:
        """Draw a rectangle from its upper left corner, with a title that appears under the pointer."""
        width, height = max(0.0, size[0]), max(0.0, size[1])
        self._add("rect", title=title, x=corner[0], y=corner[1], width=width, height=height, fill=fill)

    def dot(self, at: Point, *, fill: str = INK, radius: float = 3, title: str = "") -> None:
        """Draw a dot."""
        self._add("circle", cx=at[0], cy=at[1], r=radius, fill=fill, title=title)

    def words(
        self, at: Point, text: str, *, anchor: str = "start", size: int = 12, fill: str = INK, weight: str = "normal"
    ) -> None:
        """Write words."""
        attributes = f"x={_n(at[0])} y={_n(at[1])} text-anchor={quoteattr(anchor)} font-size={quoteattr(str(size))}"
        weighted = f" font-weight={quoteattr(weight)}" if weight != "normal" else ""
        self.shapes.append(f"<text {attributes} fill={quoteattr(fill)}{weighted}>{escape(text)}</text>")

    def render(self) -> str:
        """Return the sheet as one SVG document."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-label={quoteattr(self.says)} '
            'font-family="system-ui, sans-serif">'
        )
        ground = f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>'
        return "\n".join([head, f"<title>{escape(self.says)}</title>", ground, *self.shapes, "</svg>"]) + "\n"

    def _add(self, shape: str, *, title: str = "", dash: str = "", **attributes: float | str) -> None:
        said = {name.replace("_", "-"): value for name, value in attributes.items()}
        if dash:
            said["stroke-dasharray"] = dash
        text = " ".join(f"{name}={_n(v) if isinstance(v, (int, float)) else quoteattr(v)}" for name, v in said.items())
        inside = f"<title>{escape(title)}</title></{shape}>" if title else ""
        self.shapes.append(f"<{shape} {text}>{inside}" if title else f"<{shape} {text}/>")


@dataclass(frozen=True)
class Axis:
    """A scale from figures to places on the sheet, linear, or logarithmic in 1 + figure."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, figure: float) -> float:
        """Return the place of a figure, kept on the axis."""
        low, high, value = self.low, self.high, min(max(figure, self.low), self.high)
        if self.logarithmic:
            low, high, value = math.log1p(low), math.log1p(high), math.log1p(value)
        return self.start if high <= low else self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, wanted: int = 6) -> list[float]:
        """Return round figures inside the axis."""
        if self.logarithmic:
            known = (0, 1, 7, 30, 90, 180, 365, 730, 1825, 3650, 7300, 10950)
            return [float(t) for t in known if self.low <= t <= self.high]
        step = _round((self.high - self.low) / max(1, wanted))
        first = math.ceil(self.low / step) if step else 0
        last = math.floor(self.high / step) if step else 0
        return [i * step for i in range(first, last + 1)] if step else [self.low]


def frame(
    sheet: Sheet, across: Axis, up: Axis, *, below: str, beside: str, percent: bool = False, grouped: bool = True
) -> None:
    """Draw both axes with their ticks and names; `grouped` figures below have their thousands apart, years have not."""
    for tick in up.ticks():
        y = up.at(tick)
        sheet.line((across.start, y), (across.end, y), stroke=GRID)
        sheet.words((across.start - 8, y + 4), f"{tick:.0%}" if percent else f"{tick:,.6g}", anchor="end", fill=FAINT)
    for tick in across.ticks():
        x = across.at(tick)
        sheet.line((x, up.start), (x, up.start + 4), stroke=FAINT)
        sheet.words((x, up.start + 17), f"{tick:,.6g}" if grouped else f"{tick:.6g}", anchor="middle", fill=FAINT)
    sheet.line((across.start, up.start), (across.end, up.start), stroke=FAINT)
    sheet.words((across.end, up.start + 33), below, anchor="end", fill=FAINT)
    sheet.words((across.start, up.end - 10), beside, fill=FAINT)


def legend(sheet: Sheet, names: Iterable[str], at: Point) -> None:
    """List names with their colours, in the order of `COLOURS`."""
    x, y = at
    for name, colour in zip(names, COLOURS, strict=False):
        sheet.bar((x, y - 9), (10, 10), fill=colour)
        sheet.words((x + 15, y), name, size=12)
        x += 15 + 7.2 * len(name) + 18


def ink_on(colour: str) -> str:
    """Return the colour of words on a bar."""
    return "#ffffff" if colour in DARK else "#000000"


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _n(value: float) -> str:
    return f'"{value:.1f}"'.replace('.0"', '"')


def _round(step: float) -> float:
    if step <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * m for m in (1, 2, 5, 10) if power * m >= step - 1e-12)
