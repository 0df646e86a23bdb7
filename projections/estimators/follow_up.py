"""Follow-up on the calendar: spans split at a date, cohorts, exposure, and endings per open time."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from projections.estimators.at_risk import Span

YEAR_SECONDS = 31_557_600
"""365.25 days: what "n years" means."""


class Life(NamedTuple):
    """One decision on the calendar, in epoch seconds: open from `opened` until `until`, where it ended or was censored.

    `seen_from` is where watching began, when that was later than the opening (delayed entry).
    """

    opened: int
    until: int
    ended: bool
    seen_from: int | None = None

    def span(self) -> Span:
        """Return the follow-up since the opening; a clock that goes backwards counts as zero."""
        late = max(0, self.seen_from - self.opened) if self.seen_from is not None else 0
        return Span(late or None, max(0, self.until - self.opened), self.ended)

    def censored_at(self, instant: int) -> "Life":
        """Return what was known at the instant: an ending after it had not happened."""
        return self if self.until <= instant else self._replace(until=instant, ended=False)


@dataclass(frozen=True)
class Rate:
    """Endings per second at risk, as an exact ratio; None where nobody was at risk."""

    ended: int
    open_seconds: int

    @property
    def per_second(self) -> Fraction | None:
        return Fraction(self.ended, self.open_seconds) if self.open_seconds else None


def split(lives: Iterable[Life], at: int) -> tuple[list[Span], list[Span]]:
    """Split follow-up at an instant into what was before and what came after, never by where it ended.

    The later piece of what was already open enters late. An ending exactly at the split belongs to the earlier piece.
    """
    before: list[Span] = []
    after: list[Span] = []
    for life in lives:
        if life.opened < at or life.until <= at:
            before.append(life.censored_at(at).span())
        if life.until > at:
            after.append(life._replace(seen_from=max(at, life.seen_from or at)).span())
    return before, after


def split_span(span: Span, at: int) -> list[Span]:
    """Split one follow-up at an age into pieces that follow each other."""
    if at <= (span.entry or 0) or at >= span.exit:
        return [span]
    return [Span(span.entry, at, ended=False), Span(at, span.exit, span.ended)]


def cohort(lives: Iterable[Life], *, opened_from: int | None = None, opened_before: int | None = None) -> list[Life]:
    """Return those opened in [from, before); one opened before a change is censored at the change."""
    return [
        life if opened_before is None else life.censored_at(opened_before)
        for life in lives
        if (opened_from is None or life.opened >= opened_from)
        and (opened_before is None or life.opened < opened_before)
    ]


def rate(spans: Iterable[Span]) -> Rate:
    """Count endings and the seconds at risk."""
    ended, open_seconds = 0, 0
    for span in spans:
        ended += span.ended
        open_seconds += max(0, span.exit - (span.entry or 0))
    return Rate(ended=ended, open_seconds=open_seconds)
