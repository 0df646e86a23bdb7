"""Which measures have a picture, and the picture of each."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.drawing.ages import ageing
from adapters.drawing.flows import cumulative, ladder
from adapters.drawing.shares import ball_in_court
from adapters.drawing.survival import before_after, survival

PICTURES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "decision-times": survival,
    "ball-in-court": ball_in_court,
    "reorganization-effect": before_after,
    "ageing": ageing,
    "ladder": ladder,
    "flow": cumulative,
}
"""Each takes an answer that was asked for with `drawn`, and returns SVG."""


def picture(name: str, data: Mapping[str, Any]) -> str | None:
    """Return the picture of an answer, None where the measure has none or there is nothing to draw."""
    return PICTURES[name](data) if name in PICTURES and data["n"] else None
