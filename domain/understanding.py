"""An understanding is stated in a version, confirmed by each party, read differently at times, and retired."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.alignment.life import Life, live
from domain.alignment.marking import CHARTER, marks_of
from domain.alignment.standing import Confirmation, Drift, Mark, Standing, evolve_standing, holds
from domain.commands import alignment as asks
from domain.confirming import functions_named, not_named
from domain.errors import Impossible
from domain.events import understanding as told
from domain.judging import Broken, judged
from domain.operating_profile import regulated_broken
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.speaking import for_itself

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the next message about an understanding needs.

    One that is a metric, a term or the charter is stated elsewhere; here are the confirmations and readings of it.
    """

    life: Life = field(default_factory=Life)
    stated_by: Mapping[str, str] = field(default_factory=dict)
    work_streams: tuple[str, ...] = ()
    body: str | None = None
    lapsed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    resources: Mapping[str, str] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """Return where it stands, by effective time."""
        return self.life.standing


def decide_understanding(
    message: Any,  # noqa: ANN401
    understanding: Understanding | None,
    book: "Book",
    envelope: Envelope,
) -> list[Decided[Any]]:
    """Return the facts that follow from *message*, or refuse it."""
    if isinstance(message, asks.ConfirmMany):
        said = message.model_dump(exclude={"versions"}, exclude_unset=True)
        each = [asks.Confirm(understanding=u, version=v, **said) for u, v in message.versions.items()]
        return [d for one in each for d in decide_understanding(one, None, book, envelope)]
    fact = _asked(message, book)
    if isinstance(fact, told.UnderstandingStated):
        _stated_possibly(fact, understanding, book)
        return judged(message, fact, list(_statement_broken(message, fact, book)))
    standing = standing_of(book, fact.understanding)
    if standing is None:
        raise Impossible(
            f"there is no understanding {fact.understanding!r}: state it first", rule="understanding_exists"
        )
    broken = list(_broken(fact, standing, book, envelope))
    if isinstance(fact, told.Confirmed):
        fact = fact.model_copy(update={"settles": tuple(_settles(fact, standing, book, envelope))})
    return judged(message, fact, broken)


def _asked(message: Any, book: "Book") -> Any:  # noqa: ANN401
    kind = _TOLD.get(type(message))
    if kind is not None:
        said = message.model_dump(by_alias=True, exclude_unset=True, exclude={"immaterial_to"})
        message = kind.model_validate(said | ({"immaterial": True} if getattr(message, "immaterial_to", ()) else {}))
    if isinstance(message, told.UnderstandingStated):
        functions = message.functions or functions_named(message.understanding, message.kind, book)
        return message.model_copy(update={"parties": message.parties or book.parties, "functions": functions})
    return message


_TOLD: dict[type[Any], Any] = {
    asks.StateUnderstanding: told.UnderstandingStated,
    asks.Confirm: told.Confirmed,
    asks.StateDivergence: told.DivergenceStated,
    asks.ReconcileDivergence: told.DivergenceReconciled,
    asks.RetireUnderstanding: told.UnderstandingRetired,
}


def refuse_unknown_work_streams(named: tuple[str, ...], book: "Book") -> None:
    """Raise Impossible where a message names a work stream that was never opened."""
    if unknown := [name for name in named if name not in book.work_streams]:
        raise Impossible(f"work_streams: {', '.join(unknown)} was never opened", rule="work_stream_exists")


def _stated_possibly(fact: told.UnderstandingStated, understanding: Understanding | None, book: "Book") -> None:
    name = fact.understanding
    taken = next((noun for noun in ("metric", "term") if book.state(noun, name) is not None), None)
    if taken or name == CHARTER:
        raise Impossible(f"{name!r} is the {taken or 'charter'}; its versions are stated there", rule="one_noun_per_id")
    outside = [party for party in (*fact.parties, *fact.functions) if party not in book.parties]
    if outside:
        raise Impossible(
            f"parties: {', '.join(outside)} is no party ({', '.join(book.parties)})", rule="party_of_alliance"
        )
    refuse_unknown_work_streams(fact.work_streams, book)
    if understanding is None or understanding.standing.kind is None:
        return
    if understanding.standing.kind != fact.kind:
        raise Impossible(f"{name!r} is of kind {understanding.standing.kind}, not {fact.kind}", rule="kind_kept")
    if fact.version in understanding.stated_by:
        raise Impossible(
            f"version {fact.version} of {name!r} was stated already; state a new version",
            rule="version_new",
            because_of=(understanding.stated_by[fact.version],),
        )


def _statement_broken(message: Any, fact: told.UnderstandingStated, book: "Book") -> Iterator[Broken]:  # noqa: ANN401
    immaterial_to = getattr(message, "immaterial_to", ())
    if immaterial_to and (missing := [party for party in book.parties if party not in immaterial_to]):
        yield Broken(
            "immaterial_to_all", f"a change is immaterial only if all call it so: {', '.join(missing)} did not"
        )
    decision = book.decisions.get(fact.understanding)
    if fact.kind == "decision_outcome" and decision is not None and decision.status == "open":
        yield Broken(
            "outcome_of_an_ended_decision", f"decision {fact.understanding} is open", (decision.raised_by_event,)
        )


def _broken(fact: Any, standing: Standing, book: "Book", envelope: Envelope) -> Iterator[Broken]:  # noqa: ANN401
    name = fact.understanding
    if standing.retired:
        yield Broken("in_force", f"{name!r} was retired")
    yield from for_itself(fact, envelope)
    yield from regulated_broken(fact, book, envelope)
    match fact:
        case told.Confirmed():
            yield from _confirmation_broken(fact, standing, book, envelope)
        case told.DivergenceReconciled() if not _reads_differently(fact, standing):
            raise Impossible(f"{fact.party} has no differing reading of {name!r}", rule="reading_stands")
        case _:
            pass


def _reads_differently(fact: told.DivergenceReconciled, standing: Standing) -> bool:
    readings = standing.readings.get(fact.party, {})
    return bool(readings) if fact.function is None else fact.function in readings


def _confirmation_broken(
    fact: told.Confirmed, standing: Standing, book: "Book", envelope: Envelope
) -> Iterator[Broken]:
    if fact.version not in standing.texts:
        known = ", ".join(standing.texts) or "none"
        raise Impossible(
            f"{fact.understanding!r} has no version {fact.version} (stated: {known})", rule="version_exists"
        )
    superseded = fact.version != standing.version and (standing.version_at or 0) <= envelope.effective_at
    if superseded:
        yield Broken(
            "current_version", f"version {standing.version} of {fact.understanding!r} is current, not {fact.version}"
        )
    if fact.party not in standing.parties:
        yield Broken("party_asked", f"{fact.party} is not among those who hold {fact.understanding!r}")
    yield from not_named(fact, standing.kind, book, envelope)
    seat = fact.delegate_of or fact.seat
    owner = next((b.seats[seat].party for b in book.bodies.values() if seat and b.seats and seat in b.seats), None)
    if owner is not None and owner != fact.party:
        yield Broken("seat_of_the_party", f"seat {seat} belongs to {owner}")


def _settles(fact: told.Confirmed, standing: Standing, book: "Book", envelope: Envelope) -> Iterator[str]:
    mark = Mark(
        at=envelope.effective_at,
        position=book.position + 1,
        what="confirmed",
        version=fact.version,
        parties=(fact.party,),
        function=fact.function or "",
    )
    for name, reorganization in book.of("reorganization").items():
        since = reorganization.unsettled.get(fact.understanding)
        if since is None or reorganization.party != fact.party:
            continue
        drifted = replace(standing, drifts={fact.party: Drift("reorganization", name, *since)})
        if not holds(drifted, fact.party) and holds(evolve_standing(drifted, mark), fact.party):
            yield name


def standing_of(book: "Book", name: str) -> Standing | None:
    """Return where an understanding of any kind stands, with what was said of it; None if there is none."""
    own = book.state("understanding", name)
    spoken = own.standing if own else Standing()
    for noun in ("metric", "term"):
        if (state := book.state(noun, name)) is not None:
            stated: Standing = state.standing
            confirmations = _merged(stated.confirmations, spoken.confirmations)
            return replace(stated, confirmations=confirmations, readings=spoken.readings)
    if name == CHARTER:
        return _charter(book, spoken)
    return spoken if spoken.kind is not None else None


def _merged(
    one: Mapping[str, dict[str, Confirmation]], other: Mapping[str, dict[str, Confirmation]]
) -> dict[str, dict[str, Confirmation]]:
    return {party: one.get(party, {}) | other.get(party, {}) for party in {**one, **other}}


def _charter(book: "Book", spoken: Standing) -> Standing | None:
    chartering = book.chartering
    versions = {**chartering.drafts, **dict.fromkeys(chartering.adopted)}
    if not versions:
        return None
    ratified = {
        party: {"": Confirmation(version, 0, 0)}
        for version in versions
        for party in chartering.ratified.get(version, ())
    }
    return Standing(
        kind="charter",
        version=chartering.in_force,
        texts=dict.fromkeys(versions),
        parties=book.parties,
        confirmations=_merged(ratified, spoken.confirmations),
        readings=spoken.readings,
    )


def understandings(book: "Book") -> dict[str, Standing]:
    """Return where every understanding of the alliance stands, by its id."""
    names = (*book.of("understanding"), *book.of("metric"), *book.of("term"), CHARTER)
    found = {name: standing_of(book, name) for name in dict.fromkeys(names)}
    return {name: standing for name, standing in found.items() if standing is not None and not standing.retired}


def all_unsettled(book: "Book", *, assigned: bool) -> tuple[str, ...]:
    """Return every understanding in force: a new owner, or a new party, has to confirm them all.

    A party that comes by assignment also has to confirm the charter that is not adopted yet.
    """
    return tuple(sorted({*understandings(book), *((CHARTER,) if assigned else ())}))


def evolve_understanding(understanding: Understanding | None, recorded: Recorded[Any]) -> Understanding:
    """Return the understanding after the event."""
    current, fact = understanding or Understanding(), recorded.fact
    current = replace(current, life=live(current.life, marks_of(recorded)))
    if isinstance(fact, told.UnderstandingUnsettled) and fact.cause == "lapsed_horizon" and fact.of:
        return replace(current, lapsed=(*current.lapsed, fact.of))
    if not isinstance(fact, told.UnderstandingStated):
        return current
    return replace(
        current,
        stated_by={**current.stated_by, fact.version: recorded.meta.event_id},
        work_streams=fact.work_streams or current.work_streams,
        body=fact.body or current.body,
        order=fact.order,
        resources=fact.resources,
    )
