"""CUSUM: the running sum of what exceeds a target, and how long it stays quiet when nothing has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True)
class Cusum:
    """The path of the upper sum, and the index of the first value at which it exceeded the threshold."""

    path: tuple[float, ...]
    alarm: int | None


def cusum(series: Sequence[float], *, target: float, slack: float, threshold: float) -> Cusum:
    """Sum max(0, previous + value - target - slack).

    Source: Page (1954).
    """
    path: list[float] = []
    running = 0.0
    for value in series:
        running = max(0.0, running + value - target - slack)
        path.append(running)
    return Cusum(path=tuple(path), alarm=next((i for i, total in enumerate(path) if total > threshold), None))


def run_length(*, slack_sigmas: float, threshold_sigmas: float, shift_sigmas: float = 0.0) -> float:
    """Return about how many values pass before an alarm, one-sided, when the mean is off by `shift_sigmas`.

    Source: Siegmund (1985), with the overshoot correction 1.166.
    """
    drift = shift_sigmas - slack_sigmas
    height = threshold_sigmas + 1.166
    if not drift:
        return height * height
    return (exp(-2 * drift * height) + 2 * drift * height - 1) / (2 * drift * drift)
