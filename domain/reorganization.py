"""A reorganization is announced by a party, declares what it touches, which is then unsettled, and is completed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.alignment.standing import Drift, Standing, holds
from domain.commands import alliance_life as life
from domain.commands import governance as asks
from domain.errors import Impossible
from domain.events import reorganization as told
from domain.judging import Broken, judged
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.speaking import for_itself
from domain.understanding import understandings

if TYPE_CHECKING:
    from domain.book import Book

PRIORITY_KINDS = frozenset({"priorities"})
FINANCE_KINDS = frozenset({"metric", "priorities"})
DECISION_PROCESS_KINDS = frozenset({"charter", "ways_of_working"})


@dataclass(frozen=True, slots=True)
class Reorganization:
    """Whose it is, and what it unsettled: understandings, each with the instant and the place in the log."""

    party: str
    announced_by_event: str
    unsettled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    completed: bool = False


def decide_reorganization(
    message: Any,  # noqa: ANN401
    reorganization: Reorganization | None,
    book: "Book",
    envelope: Envelope,
) -> list[Decided[Any]]:
    """Return the facts that follow from *message*, or refuse it."""
    fact = _asked(message)
    if isinstance(fact, told.ReorganizationAnnounced):
        if reorganization is not None:
            raise Impossible(
                f"reorganization {fact.reorganization!r} was announced already",
                rule="announced_once",
                because_of=(reorganization.announced_by_event,),
            )
        return judged(message, fact, list(for_itself(fact, envelope)))
    if reorganization is None:
        raise Impossible(f"reorganization {fact.reorganization!r} was never announced", rule="announced_first")
    broken = [*_broken(fact, reorganization), *for_itself(fact, envelope)]
    match fact:
        case told.ScopeDeclared():
            _scope_possibly(fact, book)
            touched = touched_by(fact.scope, fact.party, book)
            since = _confirmed_since(touched, fact, book, envelope)
            fact = fact.model_copy(update={"unsettles": touched, "confirmed_since": since})
        case told.PriorityChanged():
            held = {name: s for name, s in understandings(book).items() if s.kind in PRIORITY_KINDS}
            fact = fact.model_copy(update={"unsettles": tuple(sorted(held))})
        case told.OpenItemReassigned() | told.OpenItemOrphaned() if _unknown_item(fact.item, book):
            raise Impossible(f"there is no open item {fact.item!r}", rule="item_exists")
        case _:
            pass
    return judged(message, fact, broken)


def _asked(message: Any) -> Any:  # noqa: ANN401
    kind = _TOLD.get(type(message))
    return message if kind is None else kind.model_validate(message.model_dump(exclude_unset=True))


_TOLD: dict[type[Any], Any] = {
    asks.AnnounceReorganization: told.ReorganizationAnnounced,
    asks.DeclareScope: told.ScopeDeclared,
    asks.CompleteReorganization: told.ReorganizationCompleted,
    life.ReassignOpenItem: told.OpenItemReassigned,
    life.OrphanOpenItem: told.OpenItemOrphaned,
    life.ChangePriorities: told.PriorityChanged,
}


def _broken(fact: Any, reorganization: Reorganization) -> Iterator[Broken]:  # noqa: ANN401
    because_of = (reorganization.announced_by_event,)
    party = getattr(fact, "party", reorganization.party)
    if party != reorganization.party:
        yield Broken("scope_of_its_party", f"{reorganization.party} reorganizes, not {party}", because_of)
    if reorganization.completed:
        yield Broken("not_completed", f"reorganization {fact.reorganization!r} is completed", because_of)


def _scope_possibly(fact: told.ScopeDeclared, book: "Book") -> None:
    scope = fact.scope
    if not any(scope.model_dump().values()):
        raise Impossible("scope: name at least one thing that the reorganization touches", rule="scope_names_something")
    seats = {seat for body in book.bodies.values() for seat in body.seats or {}}
    bodies = {*book.bodies, *(book.chartering.charter.get("bodies") or {})}
    known = (
        ("bodies", scope.bodies, bodies),
        ("seats", scope.seats, seats),
        ("work_streams", scope.work_streams, set(book.work_streams)),
        ("understandings", scope.understandings, set(understandings(book))),
    )
    faults = [f"scope.{word}: {name!r} is unknown" for word, said, there in known for name in said if name not in there]
    if faults:
        raise Impossible("; ".join(faults), rule="scope_exists")


def _confirmed_since(
    touched: tuple[str, ...], fact: told.ScopeDeclared, book: "Book", envelope: Envelope
) -> dict[str, int]:
    """Return what the party confirmed after a scope that is recorded late, and when it did."""
    found = {}
    drift = Drift("reorganization", fact.reorganization, envelope.effective_at, book.position + 1)
    for name, standing in understandings(book).items():
        if name in touched and holds(replace(standing, drifts={fact.party: drift}), fact.party):
            given = standing.confirmations[fact.party].values()
            found[name] = max(one.at for one in given if one.version == standing.version)
    return found


def _unknown_item(item: str, book: "Book") -> bool:
    return not any(book.state(noun, item) is not None for noun in ("decision", "obligation", "notice", "work-stream"))


def touched_by(scope: told.Scope, party: str, book: "Book") -> tuple[str, ...]:
    """Return the understandings that a scope touches for a party, in the order of their ids.

    Those it names; those of its work streams and bodies; those that its functions or seats confirmed or must confirm;
    by kind where priorities, finances or the decision process change; and all where the company has a new owner.
    """
    held = understandings(book)
    if scope.owner:
        return tuple(sorted(held))
    kinds = (
        (PRIORITY_KINDS if scope.priorities else frozenset())
        | (FINANCE_KINDS if scope.finances else frozenset())
        | (DECISION_PROCESS_KINDS if scope.decision_process else frozenset())
    )
    seats = {*scope.seats, *_seats_of(scope.bodies, party, book)}
    return tuple(
        sorted(
            name
            for name, standing in held.items()
            if name in scope.understandings
            or standing.kind in kinds
            or _belongs(name, scope, book)
            or _spoken_by(standing, party, scope.functions, seats)
        )
    )


def _seats_of(bodies: tuple[str, ...], party: str, book: "Book") -> Iterator[str]:
    for name in bodies:
        body = book.bodies.get(name)
        yield from (seat for seat, taken in ((body.seats if body else None) or {}).items() if taken.party == party)


def _belongs(name: str, scope: told.Scope, book: "Book") -> bool:
    for noun in ("understanding", "metric"):
        state = book.state(noun, name)
        if state is not None and set(state.work_streams) & set(scope.work_streams):
            return True
        if state is not None and getattr(state, "body", None) in scope.bodies:
            return True
    return False


def _spoken_by(standing: Standing, party: str, functions: tuple[str, ...], seats: set[str]) -> bool:
    given = standing.confirmations.get(party, {})
    asked = {*standing.functions.get(party, ()), *given}
    return bool(asked & set(functions)) or any(c.seat in seats for c in given.values() if c.seat)


def evolve_reorganization(reorganization: Reorganization | None, recorded: Recorded[Any]) -> Reorganization:
    """Return the reorganization after the event."""
    fact = recorded.fact
    if isinstance(fact, told.ReorganizationAnnounced):
        return Reorganization(fact.party, recorded.meta.event_id)
    if reorganization is None:
        raise Impossible(f"{recorded.name} of a reorganization that was never announced", rule="announced_first")
    match fact:
        case told.ScopeDeclared():
            since = dict.fromkeys(fact.unsettles, (recorded.at, recorded.position))
            return replace(reorganization, unsettled={**reorganization.unsettled, **since})
        case told.ReorganizationCompleted():
            return replace(reorganization, completed=True)
        case _:
            return reorganization
