"""The life of one understanding: its marks in the order of effective time, and the states they lead through."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.alignment.standing import AlignmentState, Mark, SideWord, Standing, evolve_standing, state_of, word_of
from domain.replacing import replace

ANSWERED = frozenset({"confirmed", "divergent"})


@dataclass(frozen=True, slots=True)
class Span:
    """The state that held from an instant on."""

    at: int
    state: AlignmentState


@dataclass(frozen=True, slots=True)
class SideSpan:
    """One party's word that held from an instant on."""

    at: int
    word: SideWord


@dataclass(frozen=True, slots=True)
class Episode:
    """What unsettled a party's hold, from when until it confirmed again (None while it has not), in seconds."""

    party: str
    cause: str
    of: str | None
    at: int
    settled_at: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """All marks of one understanding in effective order, packed, where they lead, and the states on the way.

    States are told from when there is something to hold: an alliance that has no charter yet is not misaligned on it.
    `exposed_from` is the first instant at which there was something to hold; `sides` are the words of each party;
    `asked` is since when a party owes its word, and `answers` how many seconds each of its words took.
    """

    standing: Standing = field(default_factory=Standing)
    marks: tuple[str, ...] = ()
    last: tuple[int, int] | None = None
    spans: tuple[Span, ...] = ()
    sides: dict[str, tuple[SideSpan, ...]] = field(default_factory=dict)
    exposed_from: int | None = None
    asked: dict[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    episodes: tuple[Episode, ...] = ()

    @property
    def state(self) -> AlignmentState:
        """Return the state that holds now."""
        return self.spans[-1].state if self.spans else state_of(self.standing)

    @property
    def since(self) -> int | None:
        """Return since when it holds, in seconds."""
        return self.spans[-1].at if self.spans else None


def live(life: Life, marks: Iterable[Mark]) -> Life:
    """Return the life with more marks. One that was recorded late takes its place in effective time."""
    for mark in marks:
        if life.last is not None and mark.order < life.last:
            known = [Mark.unpacked(text) for text in life.marks]
            life = live(Life(), sorted((*known, mark), key=lambda m: m.order))
        else:
            life = _next(life, mark)
    return life


def _next(life: Life, mark: Mark) -> Life:
    standing = evolve_standing(life.standing, mark)
    exposed_from, sides, asked, answers = life.exposed_from, life.sides, dict(life.asked), life.answers
    if exposed_from is None and (standing.version or standing.wordings or standing.stances):
        exposed_from = mark.at
    spans = life.spans if exposed_from is None else _spans(life.spans, state_of(standing), mark.at)
    if exposed_from is not None:
        sides = sides | {party: _side(sides.get(party, ()), standing, party, mark.at) for party in standing.parties}
        for party in standing.parties:
            if word_of(standing, party) not in ANSWERED:
                asked.setdefault(party, mark.at)
            elif party in asked:
                answers = answers | {party: (*answers.get(party, ()), mark.at - asked.pop(party))}
    episodes = _episodes(life.episodes, standing, mark)
    marks = (*life.marks, mark.packed())
    return Life(standing, marks, mark.order, spans, sides, exposed_from, asked, answers, episodes)


def _episodes(episodes: tuple[Episode, ...], standing: Standing, mark: Mark) -> tuple[Episode, ...]:
    if mark.what == "unsettled":
        cause = mark.cause or "reorganization"
        return (*episodes, *(Episode(party, cause, mark.of, mark.at) for party in mark.parties))
    return tuple(
        replace(one, settled_at=mark.at) if one.settled_at is None and one.party not in standing.drifts else one
        for one in episodes
    )


def _spans(spans: tuple[Span, ...], state: AlignmentState, at: int) -> tuple[Span, ...]:
    if spans and spans[-1].at == at:
        spans = spans[:-1]
    return spans if spans and spans[-1].state == state else (*spans, Span(at, state))


def _side(said: tuple[SideSpan, ...], standing: Standing, party: str, at: int) -> tuple[SideSpan, ...]:
    word = word_of(standing, party)
    if said and said[-1].at == at:
        said = said[:-1]
    return said if said and said[-1].word == word else (*said, SideSpan(at, word))
