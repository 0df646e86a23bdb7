"""The column `meta`: how an envelope is written, and how it is read fast enough for millions."""

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any

import msgspec

from domain.recorded import Decided, Envelope, Meta, Recorded
from domain.values import Actor, Evidence, Finding, MessageKey

Opened = tuple[str | None, str | None]
Shared = tuple[tuple[Any, ...], tuple[Any, ...]]

SHARED_ENVELOPES_MAX = 4_096

_TIME = b'{"effective_at":'
_TIME_FROM = len(_TIME)
_shared: dict[bytes, Shared] = {}

_encode = msgspec.json.encode


class _Actor(msgspec.Struct, omit_defaults=True, gc=False):
    person: str | None = None
    party: str | None = None
    role: str | None = None
    via: str | None = None


class _Evidence(msgspec.Struct, omit_defaults=True, gc=False):
    document: str
    sha256: str | None = None
    clause: str | None = None


class _Finding(msgspec.Struct, omit_defaults=True, gc=False):
    rule: str
    clause: str | None = None
    because_of: tuple[str, ...] = ()


class _Envelope(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """The envelope in the order in which it is written; what is absent is none."""

    effective_at: int
    precision: str
    zone: str
    source_recorded_at: int | None = None
    actor: _Actor | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    evidence: tuple[_Evidence, ...] = ()
    charter_version: str | None = None
    clause: str | None = None
    findings: tuple[_Finding, ...] = ()


_read = msgspec.json.Decoder(_Envelope).decode


def encode_meta(envelope: Envelope, decided: Decided[Any]) -> bytes:
    """Return the bytes of the envelope, without what stands in columns and without what is sealed."""
    actor, evidence, findings = envelope.actor, envelope.evidence, decided.findings
    return _encode(
        _Envelope(
            effective_at=envelope.effective_at,
            precision=envelope.precision,
            zone=envelope.zone,
            source_recorded_at=envelope.source_recorded_at,
            actor=None if actor is None else _Actor(actor.person, actor.party, actor.role, actor.via),
            correlation_id=envelope.correlation_id,
            causation_id=envelope.causation_id,
            evidence=tuple([_Evidence(e.document, e.sha256, e.clause) for e in evidence]) if evidence else (),
            charter_version=decided.charter_version,
            clause=decided.clause,
            findings=tuple([_Finding(f.rule, f.clause, f.because_of) for f in findings]) if findings else (),
        )
    )


def quick(frozen: type[Any]) -> Callable[..., Any]:
    """Return a constructor, by position, of a frozen dataclass that takes a third of its time.

    A frozen dataclass sets each field through `object.__setattr__`. An open twin with the same slots is filled at the
    speed of an ordinary one, and becomes the frozen class in place.
    """
    bases = getattr(frozen, "__orig_bases__", frozen.__bases__)
    twin = make_dataclass(frozen.__name__, [(each.name, Any) for each in fields(frozen)], bases=bases, slots=True)

    def construct(*values: Any) -> Any:
        made = twin(*values)
        made.__class__ = frozen
        return made

    return construct


_message = quick(MessageKey)
_meta = quick(Meta)
quick_recorded: Callable[..., Recorded[Any]] = quick(Recorded)


def decode_meta(written: bytes, alliance: str, event_id: str, message: tuple[str, str], opened: Opened) -> Meta:
    """Return the envelope from its bytes and its columns; `opened` are the reason and the note, where unsealed.

    Envelopes differ in their time and in little else: what follows the time is read once for all that share it.
    """
    comma = written.find(b",")
    digits, rest = written[_TIME_FROM:comma], written[comma:]
    shared = _shared.get(rest)
    if shared is None or not digits.isdigit() or not written.startswith(_TIME):
        read = _read(written)
        effective_at, shared = read.effective_at, _shared_of(read)
        if len(_shared) >= SHARED_ENVELOPES_MAX:
            _shared.clear()
        if written.startswith(_TIME):
            _shared[rest] = shared
    else:
        effective_at = int(digits)
    before, after = shared
    return _meta(  # type: ignore[no-any-return]
        alliance, event_id, effective_at, *before, _message(*message), *after, *opened
    )


def _shared_of(read: _Envelope) -> Shared:
    """Return the fields of Meta between its time and its message, and those between its message and what is sealed."""
    actor = read.actor
    who = None if actor is None else Actor(actor.person, actor.party, actor.role, actor.via)
    evidence = tuple(Evidence(each.document, each.sha256, each.clause) for each in read.evidence)
    findings = tuple(Finding(each.rule, each.clause, each.because_of) for each in read.findings)
    return (
        (read.precision, read.zone, read.source_recorded_at, who),
        (read.correlation_id, read.causation_id, evidence, read.charter_version, read.clause, findings),
    )


class _Effective(msgspec.Struct, gc=False):
    effective_at: int


_read_effective = msgspec.json.Decoder(_Effective).decode
_slots: dict[str, Any] = {each.name: vars(Meta)[each.name] for each in fields(Meta)}
_later = _slots.keys() - {"alliance", "event_id", "effective_at"}
_keep = _slots["note"].__set__
_kept = _slots["note"].__get__
_become = object.__setattr__


class _LeanMeta(Meta):
    """A Meta that reads most of its bytes when it is first asked for more than three words: most folds never ask.

    Until then it keeps the bytes and the message in the slot of the note, which a fold never sees; then it becomes a
    Meta in place.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__  # as fast as in an ordinary class; frozen again once it is whole

    def __init__(self, alliance: str, event_id: str, effective_at: int, kept: tuple[bytes, str, str]) -> None:
        self.alliance = alliance  # type: ignore[misc]
        self.event_id = event_id  # type: ignore[misc]
        self.effective_at = effective_at  # type: ignore[misc]
        _keep(self, kept)

    @property
    def note(self) -> None:
        """Return none: it is sealed."""
        return None

    def __getattr__(self, name: str) -> Any:
        if name not in _later:
            raise AttributeError(name)
        return getattr(self.whole(), name)

    def __eq__(self, other: object) -> bool:
        return self.whole() == other

    def __hash__(self) -> int:
        return hash(self.whole())

    def __reduce__(self) -> Any:
        return self.whole().__reduce_ex__(2)

    def whole(self) -> Meta:
        """Become a Meta."""
        written, source, key = _kept(self)
        read = decode_meta(written, self.alliance, self.event_id, (source, key), (None, None))
        for word in _later:
            _slots[word].__set__(self, getattr(read, word))
        _become(self, "__class__", Meta)
        return self


def lean_meta(written: bytes, alliance: str, event_id: str, source: str, key: str) -> Meta:
    """Return an envelope of which alliance, id and effective time are read, and the rest when it is asked for."""
    return _LeanMeta(alliance, event_id, _read_effective(written).effective_at, (written, source, key))
