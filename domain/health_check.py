"""A health check puts questions to one party or all; responses are anonymous, scored from 1 to 5."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.commands import people as asks
from domain.errors import Impossible
from domain.events import people as told
from domain.judging import Broken, judged
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace

if TYPE_CHECKING:
    from domain.book import Book

SCORE_MIN, SCORE_MAX = 1, 5


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """What was asked, of whom, and who answered under which response id."""

    questions: tuple[str, ...]
    parties: tuple[str, ...]
    responses: tuple[str, ...] = ()
    closed_by: str | None = None


def decide_health_check(
    message: Any,  # noqa: ANN401
    check: HealthCheck | None,
    book: "Book",
    envelope: Envelope,  # noqa: ARG001
) -> list[Decided[Any]]:
    """Return the facts that follow from *message*, or refuse it."""
    kind = _TOLD.get(type(message))
    fact = message if kind is None else kind.model_validate(message.model_dump(exclude_unset=True))
    if isinstance(fact, told.HealthCheckOpened):
        if check is not None:
            raise Impossible(f"health check {fact.health_check!r} was opened already", rule="opened_once")
        if outside := [party for party in fact.parties if party not in book.parties]:
            raise Impossible(f"{', '.join(outside)} is no party ({', '.join(book.parties)})", rule="party_of_alliance")
        return judged(message, fact.model_copy(update={"parties": fact.parties or book.parties}), [])
    if check is None:
        raise Impossible(f"health check {fact.health_check!r} was never opened", rule="opened_first")
    return judged(message, fact, list(_broken(fact, check)))


_TOLD: dict[type[Any], Any] = {
    asks.OpenHealthCheck: told.HealthCheckOpened,
    asks.RecordResponse: told.ResponseRecorded,
    asks.CloseHealthCheck: told.HealthCheckClosed,
}


def _broken(fact: Any, check: HealthCheck) -> Iterator[Broken]:  # noqa: ANN401
    if check.closed_by:
        yield Broken("still_open", f"health check {fact.health_check!r} is closed", (check.closed_by,))
    if not isinstance(fact, told.ResponseRecorded):
        return
    if unasked := sorted(set(fact.scores) - set(check.questions)):
        raise Impossible(f"scores: {', '.join(unasked)} was never asked", rule="question_asked")
    if any(not SCORE_MIN <= score <= SCORE_MAX for score in fact.scores.values()):
        raise Impossible(f"scores run from {SCORE_MIN} to {SCORE_MAX}", rule="score_in_range")
    if fact.response in check.responses:
        raise Impossible(f"response {fact.response!r} was recorded already", rule="response_once")
    if fact.party not in check.parties:
        yield Broken("party_asked", f"{fact.party} was not asked")


def evolve_health_check(check: HealthCheck | None, recorded: Recorded[Any]) -> HealthCheck:
    """Return the health check after the event."""
    fact = recorded.fact
    if isinstance(fact, told.HealthCheckOpened):
        return HealthCheck(fact.questions, fact.parties)
    if check is None:
        raise Impossible(f"{recorded.name} of a health check that was never opened", rule="opened_first")
    match fact:
        case told.ResponseRecorded():
            return replace(check, responses=(*check.responses, fact.response))
        case told.HealthCheckClosed():
            return replace(check, closed_by=recorded.meta.event_id)
        case _:
            return check
