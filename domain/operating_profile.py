"""An operating profile says how a party works; the partner reads it, and ways of working answer the differences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.commands import operating_profile as asks
from domain.errors import Impossible
from domain.events import metric as measured
from domain.events import operating_profile as told
from domain.events import understanding as held
from domain.judging import Broken, judged
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.speaking import for_itself

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class OperatingProfile:
    """What the next message needs: the versions, the present one last, and the regimes that bind its party."""

    versions: tuple[str, ...] = ()
    regulated_regimes: tuple[str, ...] = ()
    stated_by_event: str = ""
    read: tuple[tuple[str, str], ...] = ()


def decide_operating_profile(
    message: Any,  # noqa: ANN401
    profile: OperatingProfile | None,
    book: "Book",
    envelope: Envelope,
) -> list[Decided[Any]]:
    """Return the facts that follow from *message*, or refuse it."""
    kind = _TOLD.get(type(message))
    fact = message if kind is None else kind.model_validate(message.model_dump(exclude_unset=True))
    known = profile or OperatingProfile()
    match fact:
        case told.OperatingProfileStated(version=version) if version in known.versions:
            raise Impossible(f"version {version} was stated already; state a new version", rule="version_new")
        case told.OperatingProfileStated():
            return judged(message, fact, list(for_itself(fact, envelope)))
        case told.OperatingProfileRead():
            return judged(message, fact, list(_reading_broken(fact, known, book, envelope)))
        case told.DifferenceAnswered():
            if book.state("understanding", fact.understanding) is None:
                raise Impossible(f"there is no understanding {fact.understanding!r}", rule="understanding_exists")
            if fact.other not in book.parties:
                raise Impossible(f"{fact.other!r} is no party ({', '.join(book.parties)})", rule="party_of_alliance")
        case _:
            pass
    return judged(message, fact, [])


_TOLD: dict[type[Any], Any] = {
    asks.StateOperatingProfile: told.OperatingProfileStated,
    asks.MarkProfileRead: told.OperatingProfileRead,
}


def _reading_broken(
    fact: told.OperatingProfileRead, known: OperatingProfile, book: "Book", envelope: Envelope
) -> Iterator[Broken]:
    if fact.version not in known.versions:
        raise Impossible(f"{fact.party} has no profile in version {fact.version}", rule="version_exists")
    if fact.by not in book.parties:
        raise Impossible(f"{fact.by!r} is no party ({', '.join(book.parties)})", rule="party_of_alliance")
    if fact.by == fact.party:
        yield Broken("read_by_the_partner", f"{fact.by} wrote it; the partner marks it as read")
    if envelope.actor and envelope.actor.party not in {None, fact.by}:
        yield Broken("speaks_for_itself", f"a party speaks for itself: {envelope.actor.party} cannot for {fact.by}")
    if known.versions and fact.version != known.versions[-1]:
        yield Broken("current_version", f"version {known.versions[-1]} is current", (known.stated_by_event,))


def regulated_broken(fact: Any, book: "Book", envelope: Envelope) -> Iterator[Broken]:  # noqa: ANN401
    """Yield what a regulated regime of the party misses on its record: evidence, a reason, the meaning of a signature.

    Source: 21 CFR 11.50 (signed records show the meaning of the signature), 11.10(e) (an audit trail of changes).
    """
    party = getattr(fact, "party", None) or getattr(fact, "by", None)
    profile = book.state("operating-profile", party) if isinstance(party, str) else None
    if profile is None or not profile.regulated_regimes:
        return
    regimes, because_of = ", ".join(profile.regulated_regimes), (profile.stated_by_event,)
    observed = isinstance(fact, measured.ObservationReported | measured.ObservationRestated)
    if observed and not envelope.evidence:
        yield Broken("regulated_evidence", f"{regimes} demands evidence: name a document and its hash", because_of)
    if isinstance(fact, measured.ObservationRestated) and not envelope.reason:
        yield Broken("regulated_reason", f"{regimes} demands a reason for a restatement", because_of)
    if isinstance(fact, held.Confirmed) and fact.meaning is None:
        yield Broken(
            "regulated_signature",
            f"{regimes} demands the meaning of the signature: meaning: approval, review or responsibility",
            because_of,
        )


def evolve_operating_profile(profile: OperatingProfile | None, recorded: Recorded[Any]) -> OperatingProfile:
    """Return the profile after the event."""
    current, fact = profile or OperatingProfile(), recorded.fact
    match fact:
        case told.OperatingProfileStated():
            return replace(
                current,
                versions=(*current.versions, fact.version),
                regulated_regimes=fact.regulated_regimes,
                stated_by_event=recorded.meta.event_id,
            )
        case told.OperatingProfileRead():
            return replace(current, read=(*current.read, (fact.by, fact.version)))
        case _:
            return current
