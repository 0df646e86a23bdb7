"""Ball in court as stacked bars: with whom the time went, with and without pauses, and by tier."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from adapters.drawing.svg import COLOURS, FAINT, Sheet, ink_on

LEFT, RIGHT, TOP = 170, 740, 64
BAR, STEP = 34, 62
SHOWN_MAX = len(COLOURS) - 1
LABEL_PIXELS_MIN = 46


def ball_in_court(data: Mapping[str, Any]) -> str:
    """Return the shares of `ball-in-court` as SVG."""
    holders, tiers = data["by_holder"], data["by_tier"]
    bars = [
        ("by holder", [(each["holder"], _part(each["share"])) for each in holders]),
        ("without pauses", [(each["holder"], _part(each["share_without_pauses"])) for each in holders]),
        ("by tier", [(each["tier"], _part(each["share"])) for each in tiers]),
    ]
    rows = (len(holders) + 2) // 3 + (len(tiers) + 2) // 3
    sheet = Sheet("With whom the open time of decisions went", height=TOP + STEP * len(bars) + 22 * rows + 50)
    sheet.words((20, 24), "Whose turn it was", size=16, weight="bold")
    total = f"{data['total_days']:,.0f} days of open decisions, {data['paused_days']:,.0f} of them paused"
    sheet.words((20, 42), total, fill=FAINT)
    for number, (name, shares) in enumerate(bars):
        y = TOP + STEP * number
        sheet.words((LEFT - 12, y + BAR / 2 + 4), name, anchor="end")
        _stack(sheet, shares, y)
    after = _names(sheet, "holder", holders, TOP + STEP * len(bars) + 16)
    _names(sheet, "tier", tiers, after)
    return sheet.render()


def _stack(sheet: Sheet, shares: Sequence[tuple[str, Fraction]], y: float) -> None:
    x = float(LEFT)
    for number, (name, share) in enumerate(shares):
        width = float(share) * (RIGHT - LEFT)
        colour = COLOURS[min(number, SHOWN_MAX)]
        sheet.bar((x, y), (width, BAR), fill=colour, title=f"{name}: {float(share):.1%}")
        if width >= LABEL_PIXELS_MIN:
            sheet.words((x + width / 2, y + BAR / 2 + 4), f"{float(share):.0%}", anchor="middle", fill=ink_on(colour))
        x += width


def _names(sheet: Sheet, of: str, shares: Sequence[Mapping[str, Any]], y: float) -> float:
    sheet.words((20, y), f"{of}s", fill=FAINT)
    for number, each in enumerate(shares):
        x, row = LEFT - 60 + 205 * (number % 3), y + 22 * (number // 3)
        sheet.bar((x, row - 9), (10, 10), fill=COLOURS[min(number, SHOWN_MAX)])
        sheet.words((x + 15, row), f"{str(each[of])[:20]} {each['days']:,.0f} d")
    return y + 22 * max(1, (len(shares) + 2) // 3) + 6


def _part(share: list[int] | None) -> Fraction:
    return Fraction(*share) if share else Fraction(0)
