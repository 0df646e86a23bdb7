"""Facts and envelopes survive their bytes, whole and lean; a fold never depends on what is sealed."""

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from adapters.event_log.codec import Codec, aliases, sealed_fields
from adapters.event_log.rows import Rest, Stored
from adapters.event_log.upcasting import Upcasters
from domain.errors import NewerFormat, Unreadable
from domain.events import EVENTS, Event
from domain.events.correction import RecordCorrected, Replacement
from domain.events.decision import DecisionEscalated, PositionStated
from domain.events.event import Message
from domain.events.metric import MetricProposed, TargetStated
from domain.ports import Append
from domain.recorded import Decided, Envelope, Meta, Recorded
from domain.values import Actor, Evidence, Finding, MessageKey, SealedText
from tests.properties.facts import facts

LOG = "9f0c4f0e-6f0f-4a5e-8f57-5d6a6f3f0a11"
CODEC = Codec(LOG)

word = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
maybe = st.none() | word
envelopes = st.builds(
    Envelope,
    alliance=word,
    effective_at=st.integers(-(2**40), 2**40),
    precision=st.sampled_from(["day", "instant"]),
    zone=word,
    source_recorded_at=st.none() | st.integers(0, 2**40),
    actor=st.none() | st.builds(Actor, person=maybe, party=maybe, role=maybe, via=maybe),
    message=st.builds(MessageKey, source=word, id=word),
    correlation_id=maybe,
    causation_id=maybe,
    evidence=st.lists(st.builds(Evidence, document=word, sha256=maybe, clause=maybe), max_size=2).map(tuple),
    reason=maybe,
    note=maybe,
)
findings = st.lists(
    st.builds(Finding, rule=word, clause=maybe, because_of=st.lists(word, max_size=2).map(tuple)), max_size=2
).map(tuple)


def row_of(fact: Event, envelope: Envelope, **decided: Any) -> Stored:
    member = CODEC.member(Append(envelope=envelope, facts=[Decided(fact, **decided)]))
    (draft,) = member.drafts
    return Stored(
        position=7,
        stream=draft.stream,
        version=2,
        name=draft.name,
        schema_version=draft.schema_version,
        alliance=draft.alliance,
        event_id=draft.event_id,
        recorded_at=99,
        message_source=member.source,
        message_id=member.id,
        fact=draft.fact,
        meta=draft.meta,
        sealed=draft.sealed,
    )


def leaning(reads: dict[str, type[Any]], codec: Codec = CODEC) -> Callable[[Stored], Recorded[Any]]:
    """Return what decodes the glimpse of a row, in a log that holds this row alone."""

    def decode(row: Stored) -> Recorded[Any]:
        rest = Rest(row.position, row.stream, row.version, row.recorded_at, row.message_source, row.message_id)
        return Codec(LOG, codec.upcasters, rest=lambda _: rest).lean(reads)(row.glimpse())

    return decode


@pytest.mark.parametrize("name", sorted(EVENTS))
@given(drawn=st.data())
def test_every_event_survives_its_bytes(name: str, drawn: st.DataObject) -> None:
    fact = drawn.draw(facts(EVENTS[name]))
    row = row_of(fact, Envelope(alliance="a", effective_at=1, message=MessageKey("s", "m")))
    assert CODEC.recorded(row).fact == fact
    assert row.fact == json.dumps(json.loads(row.fact), ensure_ascii=False, separators=(",", ":")).encode()
    forgotten = CODEC.recorded(row._replace(sealed=None)).fact
    assert forgotten == fact.model_copy(update=dict.fromkeys(sealed_fields(EVENTS[name])))


@given(envelope=envelopes, findings=findings, clause=maybe, version=maybe)
def test_every_envelope_survives_its_bytes(
    envelope: Envelope, findings: tuple[Finding, ...], clause: str | None, version: str | None
) -> None:
    fact = DecisionEscalated(decision="D1", to="ESC")
    row = row_of(fact, envelope, findings=findings, clause=clause, charter_version=version)
    expected = Meta(
        alliance=envelope.alliance,
        event_id=row.event_id,
        effective_at=envelope.effective_at,
        precision=envelope.precision,
        zone=envelope.zone,
        source_recorded_at=envelope.source_recorded_at,
        actor=envelope.actor,
        message=envelope.message,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
        evidence=envelope.evidence,
        charter_version=version,
        clause=clause,
        findings=findings,
        reason=envelope.reason,
        note=envelope.note,
    )
    assert CODEC.recorded(row) == Recorded(
        fact=fact, name="decision-escalated", meta=expected, position=7, stream=row.stream, version=2, recorded_at=99
    )
    assert isinstance(CODEC.recorded(row).meta, Meta)
    with pytest.raises(AttributeError):
        CODEC.recorded(row).meta.effective_at = 5  # type: ignore[misc]
    assert None not in json.loads(row.meta).values()
    seen = replace(expected, reason=None, note=None)
    lean = leaning({"decision-escalated": Step})
    assert lean(row).meta == seen
    assert seen == lean(row).meta
    assert hash(lean(row).meta) == hash(seen)
    assert pickle.loads(pickle.dumps(lean(row).meta)) == seen  # noqa: S301  # what it has written itself
    assert replace(lean(row).meta, effective_at=5) == replace(seen, effective_at=5)
    assert replace(lean(row), position=5).meta == seen
    assert (lean(row).meta.note, lean(row).meta.zone, lean(row).meta.actor) == (None, seen.zone, seen.actor)


def test_envelopes_that_share_all_but_their_time_are_told_apart_and_broken_ones_found() -> None:
    fact = DecisionEscalated(decision="D1", to="ESC")
    rows = [row_of(fact, Envelope(alliance="a", effective_at=at, actor=Actor(person="p"))) for at in (7, 8, -9, 0)]
    assert [CODEC.recorded(row).at for row in rows + rows] == [7, 8, -9, 0, 7, 8, -9, 0]
    rest = rows[0].meta.removeprefix(b'{"effective_at":7')
    for time in (b"", b"x", b"1_0", b" 1", b"1.5", b"true", b'"7"', b"\xc2\xb2"):
        with pytest.raises(Unreadable):
            CODEC.recorded(rows[0]._replace(meta=b'{"effective_at":' + time.replace(b" 1", b"1 1") + rest))
    with pytest.raises(Unreadable):
        CODEC.recorded(rows[0]._replace(meta=b'{"effective_by":7' + rest))


@dataclass(frozen=True, slots=True)
class Step:
    decision: str
    to: str | None = None
    from_: str | None = None


@dataclass(frozen=True)
class Target:
    target: Decimal


@dataclass(frozen=True)
class Proposal:
    metric_class: str
    parties: tuple[str, ...] = field(default_factory=tuple)


def test_a_fold_gets_only_the_fields_that_it_reads_and_never_what_is_sealed() -> None:
    decode = leaning({"decision-escalated": Step, "target-stated": Target, "metric-proposed": Proposal})
    about = Envelope(alliance="a", effective_at=1, reason="sealed", message=MessageKey("s", "m"))
    step = DecisionEscalated(decision="D1", from_="JSC", to="ESC", by="acme")
    target = TargetStated(metric="M1", party="acme", target=Decimal("1.50"), unit="days")
    proposal = MetricProposed(metric="M1", unit="days", metric_class="leading", parties=("acme", "beta"))
    assert decode(row_of(step, about)).fact == Step("D1", "ESC", "JSC")
    assert decode(row_of(step, about)).meta.reason is None
    assert decode(row_of(target, about)).fact == Target(Decimal("1.50"))
    assert decode(row_of(proposal, about)).fact == Proposal("leading", ("acme", "beta"))


def test_what_a_fold_gets_is_taken_for_the_dataclass_that_it_names() -> None:
    row = row_of(DecisionEscalated(decision="D1", to="ESC"), Envelope(alliance="a", effective_at=1))
    fact = leaning({"decision-escalated": Step})(row).fact
    step = Step("D1", "ESC")
    match fact:
        case Step(decision=decision):
            assert decision == "D1"
        case _:
            raise AssertionError(fact)
    assert isinstance(fact, Step)
    assert (step == fact, hash(fact), repr(fact)) == (True, hash(step), repr(step))
    assert fact != Step("D2", "ESC")
    assert replace(fact, to="JSC") == Step("D1", "JSC")
    assert pickle.loads(pickle.dumps(fact)) == step  # noqa: S301  # what it has written itself
    with pytest.raises(AttributeError):
        fact.to = "JSC"  # type: ignore[misc]


@dataclass(frozen=True)
class Climb:
    to: str

    def high(self) -> bool:
        return self.to == "ESC"


def test_what_a_fold_reads_has_fields_alone() -> None:
    with pytest.raises(TypeError, match="Climb: what a fold reads is a dataclass of fields alone"):
        leaning({"decision-escalated": Climb})(escalated())


def test_words_on_disk_are_the_words_of_the_glossary() -> None:
    assert aliases(DecisionEscalated) == {"from_": "from"}
    assert (
        b'"from":"JSC"'
        in row_of(DecisionEscalated(decision="D", from_="JSC"), Envelope(alliance="a", effective_at=1)).fact
    )


def test_a_replacement_seals_what_the_replaced_event_would_have_sealed() -> None:
    whole = PositionStated(decision="D1", party="acme", position="for", statement="Dr. Weiss agrees")
    correction = RecordCorrected(
        of="e1",
        of_stream="decision/a/D1",
        action="replaced",
        replacement=Replacement(
            name="position-stated",
            fact=whole.model_dump(mode="json", by_alias=True, exclude_none=True),
            effective_at=1,
        ),
    )
    row = row_of(correction, Envelope(alliance="a", effective_at=1))
    assert b"Weiss" not in row.fact
    assert CODEC.recorded(row).fact == correction


def test_a_sealed_field_must_be_one_that_can_be_forgotten_and_stands_in_the_event_itself() -> None:
    class Note(Message):
        text: SealedText | None = None

    class Required(Event):
        NAME = "required"
        text: SealedText

    class Nested(Event):
        NAME = "nested"
        notes: tuple[Note, ...] = Field(default=())

    with pytest.raises(TypeError, match="optional"):
        sealed_fields(Required)
    with pytest.raises(TypeError, match="only an event"):
        sealed_fields(Nested)


def escalated(**columns: Any) -> Stored:
    row = row_of(DecisionEscalated(decision="D1", to="ESC"), Envelope(alliance="a", effective_at=1))
    return row._replace(**columns)


@pytest.mark.parametrize("columns", [{"name": "decision-cloned"}, {"schema_version": 2}])
def test_an_event_that_is_newer_than_the_code_is_never_guessed_at(columns: dict[str, Any]) -> None:
    with pytest.raises(NewerFormat, match="upgrade"):
        CODEC.recorded(escalated(**columns))


def test_a_fold_meets_a_newer_event_the_same_way() -> None:
    with pytest.raises(NewerFormat):
        leaning({"decision-escalated": Step})(escalated(schema_version=2))


@pytest.mark.parametrize(
    "columns", [{"fact": b'{"decision":"D1"'}, {"fact": b'{"to":1}'}, {"meta": b"{}"}, {"meta": b""}]
)
def test_bytes_that_do_not_decode_are_unreadable_and_named_by_position(columns: dict[str, Any]) -> None:
    readers: list[Callable[[Stored], Any]] = [CODEC.recorded, leaning({"decision-escalated": Step})]
    for read in readers:
        with pytest.raises(Unreadable, match="position 7, decision-escalated"):
            read(escalated(**columns))


def newest(**versions: int) -> dict[str, int]:
    return {name: event.VERSION for name, event in EVENTS.items()} | {"decision-escalated": versions["escalated"]}


def test_an_old_shape_is_lifted_step_by_step_on_reading() -> None:
    steps = {
        ("decision-escalated", 1): lambda fact: {"decision": fact["id"], "upto": fact["upto"]},
        ("decision-escalated", 2): lambda fact: {"decision": fact["decision"], "to": fact["upto"], "from": "JSC"},
    }
    codec = Codec(LOG, Upcasters(steps, current=newest(escalated=3)))
    old = escalated(fact=b'{"id":"D1","upto":"ESC"}')
    assert codec.recorded(old).fact == DecisionEscalated(decision="D1", from_="JSC", to="ESC")
    assert leaning({"decision-escalated": Step}, codec)(old).fact == Step("D1", "ESC", "JSC")
    middle = escalated(fact=b'{"decision":"D1","upto":"ESC"}', schema_version=2)
    assert codec.recorded(middle).fact == DecisionEscalated(decision="D1", from_="JSC", to="ESC")


def test_a_chain_of_steps_with_a_hole_refuses_to_start() -> None:
    with pytest.raises(Unreadable, match="decision-escalated: no step from version 2 to 3"):
        Upcasters({("decision-escalated", 1): dict}, current=newest(escalated=3))
    with pytest.raises(Unreadable, match="not an older version"):
        Upcasters({("decision-escalated", 3): dict}, current=newest(escalated=1))
