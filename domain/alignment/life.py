"""The life of one understanding: its marks in the order of effective time, and the states they lead through."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.alignment.standing import AlignmentState, Mark, Standing, evolve_standing, state_of


@dataclass(frozen=True, slots=True)
class Span:
    """The state that held from an instant on."""

    at: int
    state: AlignmentState


@dataclass(frozen=True, slots=True)
class Life:
    """All marks of one understanding in effective order, where they lead, and the states on the way."""

    standing: Standing = field(default_factory=Standing)
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def state(self) -> AlignmentState:
        """Return the state that holds now."""
        return self.spans[-1].state if self.spans else "none"

    @property
    def since(self) -> int | None:
        """Return since when it holds, in seconds."""
        return self.spans[-1].at if self.spans else None


def live(life: Life, marks: Iterable[Mark]) -> Life:
    """Return the life with more marks. One that was recorded late takes its place in effective time."""
    for mark in marks:
        if life.marks and mark.order < life.marks[-1].order:
            life = live(Life(), sorted((*life.marks, mark), key=lambda m: m.order))
        else:
            life = _next(life, mark)
    return life


def _next(life: Life, mark: Mark) -> Life:
    standing = evolve_standing(life.standing, mark)
    state, spans = state_of(standing), life.spans
    if spans and spans[-1].at == mark.at:
        spans = spans[:-1]
    if not spans or spans[-1].state != state:
        spans = (*spans, Span(mark.at, state))
    return Life(standing, (*life.marks, mark), spans)
