"""A correction takes an event out of effect or puts another in its place; a corrected correction gives it back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.corrections import in_effect
from domain.events.correction import RecordCorrected, Replacement
from domain.events.decision import DecisionEscalated, DecisionRaised
from domain.events.event import Event
from domain.recorded import Meta, Recorded
from domain.values import Finding


def recorded(position: int, fact: Event, *findings: str) -> Recorded[Any]:
    meta = Meta(
        alliance="a",
        event_id=f"e{position}",
        effective_at=position * 100,
        findings=tuple(Finding(rule) for rule in findings),
    )
    return Recorded(
        fact=fact, name=fact.NAME, meta=meta, position=position, stream="decision/a/D1", version=position, recorded_at=5
    )


def raised(position: int, *findings: str) -> Recorded[Any]:
    return recorded(position, DecisionRaised(decision="D1", body="JSC"), *findings)


def retracted(position: int, of: int) -> Recorded[Any]:
    return recorded(position, RecordCorrected(of=f"e{of}", of_stream="decision/a/D1", action="retracted"))


def replaced(position: int, of: int, by: Replacement, *findings: str) -> Recorded[Any]:
    fact = RecordCorrected(of=f"e{of}", of_stream="decision/a/D1", action="replaced", replacement=by)
    return recorded(position, fact, *findings)


def raised_at(body: str) -> Replacement:
    fact = {"decision": "D1", "body": body}
    return Replacement(name="decision-raised", fact=fact, effective_at=7, precision="day", zone="Asia/Tokyo")


def correcting_correction(of: int) -> Replacement:
    fact = {"of": f"e{of}", "of_stream": "decision/a/D1", "action": "retracted"}
    return Replacement(name="record-corrected", fact=fact, effective_at=7)


def bodies(*events: Recorded[Any]) -> list[tuple[int, str]]:
    return [(event.position, event.fact.body) for event in in_effect(events)]


def test_what_nobody_corrected_is_in_effect() -> None:
    assert bodies(raised(1), raised(2)) == [(1, "JSC"), (2, "JSC")]


def test_a_retracted_event_is_not_in_effect() -> None:
    assert bodies(raised(1), raised(2), retracted(3, of=1)) == [(2, "JSC")]


def test_a_replacement_stands_at_the_place_of_the_original() -> None:
    original = raised(1, "past_due")
    (stands,) = in_effect([original, replaced(2, 1, raised_at("ESC"), "no_quorum")])

    assert stands.fact == DecisionRaised(decision="D1", body="ESC")
    assert (stands.position, stands.version, stands.stream, stands.recorded_at) == (1, 1, original.stream, 5)
    assert stands.meta.event_id == "e1"
    assert (stands.at, stands.meta.precision, stands.meta.zone) == (7, "day", "Asia/Tokyo")
    assert stands.meta.findings == (Finding("no_quorum"),), "the original's findings are about what was not so"


def test_the_latest_correction_wins() -> None:
    assert bodies(raised(1), replaced(2, 1, raised_at("A")), replaced(3, 1, raised_at("B"))) == [(1, "B")]
    assert bodies(raised(1), retracted(2, of=1), replaced(3, 1, raised_at("B"))) == [(1, "B")]
    assert bodies(raised(1), replaced(2, 1, raised_at("A")), retracted(3, of=1)) == []


def test_a_retracted_correction_reinstates() -> None:
    assert bodies(raised(1), retracted(2, of=1), retracted(3, of=2)) == [(1, "JSC")]
    assert bodies(raised(1), replaced(2, 1, raised_at("A")), retracted(3, of=2)) == [(1, "JSC")]
    assert bodies(raised(1), replaced(2, 1, raised_at("A")), retracted(3, of=1), retracted(4, of=3)) == [(1, "A")]
    assert bodies(raised(1), retracted(2, of=1), retracted(3, of=2), retracted(4, of=3)) == []


def test_a_correction_can_be_aimed_at_another_event() -> None:
    events = [raised(1), raised(2), retracted(3, of=1), replaced(4, 3, correcting_correction(2))]
    assert bodies(*events) == [(1, "JSC")]


def test_a_correction_cannot_correct_what_comes_after_it_nor_itself() -> None:
    assert bodies(retracted(1, of=2), raised(2)) == [(2, "JSC")]
    assert bodies(raised(1), retracted(2, of=1), retracted(3, of=3)) == []


def test_an_event_of_another_kind_may_stand_in_the_place() -> None:
    escalated = Replacement(name="decision-escalated", fact={"decision": "D1", "from": "JSC"}, effective_at=7)
    (stands,) = in_effect([raised(1), replaced(2, 1, escalated)])
    assert (stands.name, stands.fact) == ("decision-escalated", DecisionEscalated(decision="D1", from_="JSC"))


def test_an_event_that_a_correction_would_replace_is_gone() -> None:
    assert bodies(raised(1), raised(2), replaced(3, 1, correcting_correction(2))) == [(2, "JSC")]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=12))
def test_an_event_and_its_retraction_leave_what_was_before(steps: list[tuple[bool, int]]) -> None:
    events: list[Recorded[Any]] = [raised(1)]
    for position, (corrects, of) in enumerate(steps, start=2):
        events.append(retracted(position, of) if corrects and of < position else raised(position))
    last = len(events)

    after = [*events, raised(last + 1), retracted(last + 2, of=last + 1)]

    assert in_effect(after) == in_effect(events)
    again = [*after, retracted(last + 3, of=last + 2)]
    assert in_effect(again) == in_effect([*events, raised(last + 1)])
