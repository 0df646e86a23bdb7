"""The column `meta`: how an envelope is written, and how it is read fast enough for millions."""

from typing import Any

import msgspec

from domain.recorded import Decided, Envelope
from domain.values import Actor, Evidence, Finding

SHARED_ENVELOPES_MAX = 4_096

_TIME = b'{"effective_at":'
_TIME_FROM = len(_TIME)
_shared: dict[bytes, "Shared"] = {}

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


class _Effective(msgspec.Struct, gc=False):
    effective_at: int


class Shared(msgspec.Struct, frozen=True, gc=False):
    """What follows the time in the bytes of an envelope, as the domain knows it."""

    precision: str
    zone: str
    source_recorded_at: int | None
    actor: Actor | None
    correlation_id: str | None
    causation_id: str | None
    evidence: tuple[Evidence, ...]
    charter_version: str | None
    clause: str | None
    findings: tuple[Finding, ...]


effective_of = msgspec.json.Decoder(_Effective).decode


def decode_meta(written: bytes) -> tuple[int, Shared]:
    """Return the time of an envelope and what follows it.

    Envelopes differ in their time and in little else: what follows the time is read once for all that share it.
    """
    comma = written.find(b",")
    digits, rest = written[_TIME_FROM:comma], written[comma:]
    shared = _shared.get(rest)
    if shared is not None and digits.isdigit() and written.startswith(_TIME):
        return int(digits), shared
    read = _read(written)
    shared = _shared_of(read)
    if len(_shared) >= SHARED_ENVELOPES_MAX:
        _shared.clear()
    if written.startswith(_TIME):
        _shared[rest] = shared
    return read.effective_at, shared


def _shared_of(read: _Envelope) -> Shared:
    actor = read.actor
    return Shared(
        read.precision,
        read.zone,
        read.source_recorded_at,
        None if actor is None else Actor(actor.person, actor.party, actor.role, actor.via),
        read.correlation_id,
        read.causation_id,
        tuple(Evidence(each.document, each.sha256, each.clause) for each in read.evidence),
        read.charter_version,
        read.clause,
        tuple(Finding(each.rule, each.clause, each.because_of) for each in read.findings),
    )
