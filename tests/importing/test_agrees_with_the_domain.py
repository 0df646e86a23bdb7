"""What a mapping lets through, the rules of the domain take; what it refuses for its order, they refuse or find."""

from itertools import cycle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.importing.judging import Judge
from adapters.importing.mapping_file import mapping_from
from adapters.importing.readers import ReadRow
from domain.book import Book
from domain.deciding import decide, turn_page
from domain.errors import Impossible
from domain.events import decision as told
from domain.events.alliance import AllianceFormed, Party
from domain.events.obligation import ClockPaused, ClockResumed
from domain.recorded import Envelope, Meta, Recorded
from tests.importing.given import HEAD

WITH_BODY = HEAD.replace("columns: {", "columns: {body: b, ")
VERBS = {
    "raised": told.DecisionRaised(decision="D1"),
    "escalated": told.DecisionEscalated(decision="D1"),
    "returned": told.DecisionReturned(decision="D1"),
    "transferred": told.DecisionTransferred(decision="D1"),
    "paused": ClockPaused(decision="D1"),
    "resumed": ClockResumed(decision="D1"),
    "information_requested": told.InformationRequested(decision="D1"),
    "information_provided": told.InformationProvided(decision="D1"),
    "approval": told.ApprovalGiven(decision="D1"),
    "made: accepted": told.DecisionMade(decision="D1", outcome="accepted"),
    "status_quo": told.StatusQuoImposed(decision="D1"),
    "withdrawn": told.DecisionWithdrawn(decision="D1"),
    "superseded": told.DecisionSuperseded(decision="D1"),
    "voided": told.DecisionVoided(decision="D1"),
    "reversed: rejected": told.DecisionReversed(decision="D1", outcome="rejected"),
    "reopened": told.DecisionReopened(decision="D1"),
    "communicated": told.DecisionCommunicated(decision="D1"),
    "implemented": told.DecisionImplemented(decision="D1"),
    "inherited: accepted": told.DecisionInherited(decision="D1", status="accepted"),
    "inherited: open": told.DecisionInherited(decision="D1", status="open"),
    "inherited: paused": told.DecisionInherited(decision="D1", status="paused"),
}
STATES = ("open", "paused", "waiting", "accepted", "rejected", "withdrawn", "superseded", "voided", "status_quo")
EXPLICIT = mapping_from(
    WITH_BODY
    + "rules:\n"
    + "".join(
        f"  - {{when: {{e: '{v}'}}, then: [{{{v}}}]}}\n" if ":" in v else f"  - {{when: {{e: {v}}}, then: {v}}}\n"
        for v in VERBS
    )
)
STANDING = mapping_from(WITH_BODY + "rules: [{then: {becomes: {column: e}}}]")
ENVELOPE = Envelope(alliance="orion", effective_at=1_800_000_000)


def turned(book: Book, fact: Any, at: int | None = None) -> Recorded[Any]:
    stream = fact.stream("orion")
    when = 1_800_000_000 + book.position if at is None else at
    meta = Meta(alliance="orion", event_id=f"e{book.position}", effective_at=when)
    version = book.versions.get(stream, 0) + 1
    position = book.position + 1
    recorded = Recorded(
        fact=fact, name=fact.NAME, meta=meta, position=position, stream=stream, version=version, recorded_at=0
    )
    turn_page(book, [recorded])
    return recorded


def recorded_of(book: Book, fact: Any, at: int) -> list[Recorded[Any]]:
    """Return what is recorded of a fact at an instant, as the domain takes it."""
    envelope = Envelope(alliance="orion", effective_at=at)
    return [turned(book, one.fact, at) for one in decide(fact, book, envelope)]


def taken(book: Book, fact: Any) -> list[str]:
    """Let the domain judge a fact and turn the page; return the rules it broke."""
    decided = decide(fact, book, ENVELOPE)
    for one in decided:
        turned(book, one.fact)
    return [finding.rule for one in decided for finding in one.findings]


def broken(book: Book, fact: Any) -> list[str]:
    """Return the rules that a fact breaks, found or impossible."""
    try:
        return taken(book, fact)
    except Impossible as impossible:
        return [impossible.rule]


def formed() -> Book:
    book = Book("orion")
    parties = (Party(id="acme", name="Acme"), Party(id="globex", name="Globex"))
    turned(book, AllianceFormed(title="Orion", kind="technology", parties=parties))
    return book


def judged(mapping: Any, said: list[str], bodies: list[str] | None = None) -> Any:
    judge = Judge(mapping, parties=["acme", "globex"], salt="")
    assert judge.columns == ("d", "n", "at", "b", "e")
    held = cycle(bodies or [""])
    return judge.judge(ReadRow(n, ("D1", str(n), "2026-01-01", next(held), e)) for n, e in enumerate(said, start=2))


@given(st.lists(st.sampled_from(sorted(VERBS)), min_size=1, max_size=8))
def test_the_order_of_steps_is_judged_as_the_domain_judges_it(said: list[str]) -> None:
    history, book = judged(EXPLICIT, said), formed()
    for report in history.reports:
        for fact in report.facts:
            assert taken(book, fact) == []
    if history.faults.found:
        first = history.faults.found[0]
        assert broken(book, VERBS[said[first.line - 2]]) == [first.rule]


@given(
    st.lists(st.sampled_from(sorted(VERBS)), min_size=1, max_size=8),
    st.lists(st.sampled_from(["", "team", "board", "officers"]), min_size=1, max_size=8),
)
def test_every_step_starts_at_the_body_where_the_domain_sees_the_decision(said: list[str], bodies: list[str]) -> None:
    book = formed()
    for report in judged(EXPLICIT, said, bodies).reports:
        for fact in report.facts:
            assert taken(book, fact) == []


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=8))
def test_a_history_of_states_never_says_what_the_domain_refuses(said: list[str]) -> None:
    history, book = judged(STANDING, said), formed()
    assert history.faults.found == []
    for report in history.reports:
        for fact in report.facts:
            assert taken(book, fact) == []
    decision = book.decisions["D1"]
    assert decision.status == ("open" if said[-1] in {"open", "paused", "waiting"} else "ended")
    assert bool(decision.pauses) == (said[-1] == "paused")
