"""Facts and envelopes as bytes, and back: whole and validated, or only the fields that a fold needs."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
from pydantic import ValidationError

from adapters.event_log.envelopes import decode_meta, effective_of, encode_meta
from adapters.event_log.rows import Draft, Glimpse, Member, Rest, Row, Stored, stored
from adapters.event_log.seen import Glimpsed, GlimpsedMeta, Seen, SeenMeta, StandsFor
from adapters.event_log.upcasting import Upcasters
from domain.errors import Unreadable
from domain.events import EVENTS, Event
from domain.events.correction import RecordCorrected
from domain.events.event import Message
from domain.ports import Append
from domain.recorded import Envelope, Recorded
from domain.values import Sealed

SOURCE_OF_UNNAMED = "digest"
MICROSECONDS = 1_000_000

# What a hexadecimal digit becomes when its two highest bits are set to those of the UUIDs of RFC 9562.
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}

_encode = msgspec.json.encode
_decode = msgspec.json.decode


class _Sealed(msgspec.Struct, omit_defaults=True, kw_only=True):
    fact: dict[str, Any] | None = None
    reason: str | None = None
    note: str | None = None


_NOTHING_SEALED = _Sealed()
_sealed_of = msgspec.json.Decoder(_Sealed).decode


@cache
def sealed_fields(event: type[Event]) -> tuple[str, ...]:
    """Return the fields of an event that are stored apart. Raise TypeError where one could not be taken away."""
    found = tuple(name for name, field in event.model_fields.items() if _is_sealed([*field.metadata, field.annotation]))
    for name in found:
        if event.model_fields[name].is_required():
            raise TypeError(f"{event.NAME}: {name} is sealed, so it must be optional: it may be forgotten")
    for name, field in event.model_fields.items():
        if any(_seals_something(part) for part in _messages_in(field.annotation)):
            raise TypeError(f"{event.NAME}: {name} holds a message with a sealed field; only an event may have one")
    return found


def _is_sealed(parts: list[Any]) -> bool:
    return any(isinstance(part, Sealed) or _is_sealed(list(get_args(part))) for part in parts)


def _messages_in(annotation: Any) -> list[type[Message]]:
    if isinstance(annotation, type) and issubclass(annotation, Message):
        return [annotation]
    return [message for part in get_args(annotation) for message in _messages_in(part)]


def _seals_something(message: type[Message]) -> bool:
    return any(_is_sealed([*field.metadata, field.annotation]) for field in message.model_fields.values())


def aliases(event: type[Event]) -> dict[str, str]:
    """Return the words on disk of those fields that are named otherwise in the code, `from_` -> `from`."""
    return {name: field.alias for name, field in event.model_fields.items() if field.alias and field.alias != name}


def encode_fact(fact: Event) -> tuple[bytes, dict[str, Any] | None]:
    """Return the bytes of a fact without what is sealed in it, and what is sealed in it, or None."""
    apart = sealed_fields(type(fact))
    serializer = fact.__pydantic_serializer__
    if not apart and type(fact) is not RecordCorrected:
        return serializer.to_json(fact, by_alias=True, exclude_none=True), None
    if isinstance(fact, RecordCorrected) and fact.replacement is not None:
        return _encode_correction(fact)
    sealed = serializer.to_python(fact, mode="json", by_alias=True, exclude_none=True, include=set(apart))
    return serializer.to_json(fact, by_alias=True, exclude_none=True, exclude=set(apart)), sealed or None


def _encode_correction(fact: RecordCorrected) -> tuple[bytes, dict[str, Any] | None]:
    """Seal what the replacing fact seals, at the place where it stands inside the correction."""
    whole = fact.model_dump(mode="json", by_alias=True, exclude_none=True)
    replacing = whole["replacement"]
    event = EVENTS.get(replacing["name"])
    apart = {name: replacing["fact"].pop(name) for name in _words_sealed(event) if name in replacing["fact"]}
    return _encode(whole), {"replacement": {"fact": apart}} if apart else None


def _words_sealed(event: type[Event] | None) -> tuple[str, ...]:
    if event is None:
        return ()
    renamed = aliases(event)
    return tuple(word for name in sealed_fields(event) for word in {name, renamed.get(name, name)})


def encode_sealed(fact: dict[str, Any] | None, envelope: Envelope) -> bytes | None:
    """Return the sealed bytes of one event, or None where there is nothing to seal."""
    if fact is None and envelope.reason is None and envelope.note is None:
        return None
    return _encode(_Sealed(fact=fact, reason=envelope.reason, note=envelope.note))


def _merged(open_words: dict[str, Any], sealed_words: dict[str, Any]) -> dict[str, Any]:
    merged = dict(open_words)
    for word, value in sealed_words.items():
        below = merged.get(word)
        merged[word] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _digest_of(batch: Append) -> bytes:
    """Return what tells an append without a message digest from others: the bytes that it would store."""
    envelope = batch.envelope
    digest = hashlib.sha256(envelope.alliance.encode())
    for decided in batch.facts:
        fact, sealed = encode_fact(decided.fact)
        for part in (fact, encode_meta(envelope, decided), encode_sealed(sealed, envelope)):
            digest.update(b"-" if part is None else b"%d:" % len(part) + part)
    return digest.digest()


def _nowhere(position: int) -> Rest:
    raise Unreadable(f"position {position}: there is no log here to look it up in")


class _Validators(dict[str, Callable[[bytes], Any]]):
    """What validates the facts of an event, by its name, made when the first one is read."""

    def __missing__(self, name: str) -> Callable[[bytes], Any]:
        event = EVENTS[name]
        event.model_rebuild()
        validate: Callable[[bytes], Any] = event.__pydantic_validator__.validate_json
        return self.setdefault(name, validate)


class Codec:
    """Turns appends into rows for one log, and rows back into what was recorded.

    `rest` finds, by position, what a glimpse leaves out.
    """

    def __init__(
        self, log_id: str, upcasters: Upcasters | None = None, *, rest: Callable[[int], Rest] = _nowhere
    ) -> None:
        self._rest = rest
        self._namespace = hashlib.sha1(UUID(log_id).bytes, usedforsecurity=False)
        self.upcasters = upcasters or Upcasters()
        self._validate = _Validators()
        self._current = self.upcasters.current
        for event in EVENTS.values():
            sealed_fields(event)

    def event_id(self, source: str, message_id: str, ordinal: int) -> str:
        """Return uuid5(log id, [source, message id, ordinal]): the same event has the same id wherever it is made."""
        hashed = self._namespace.copy()
        hashed.update(_encode((source, message_id, ordinal)))
        text = hashed.hexdigest()
        return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"

    def member(self, batch: Append) -> Member:
        """Return one caller's batch in bytes, each fact in the stream it belongs to."""
        envelope = batch.envelope
        alliance, key = envelope.alliance, envelope.message
        digest = batch.digest or _digest_of(batch)
        source, message_id = (key.source, key.id) if key else (SOURCE_OF_UNNAMED, digest.hex())
        if "\0" in source + message_id + alliance:
            raise Unreadable("a message id, its source and an alliance hold no NUL: PostgreSQL could not keep it")
        drafts: list[Draft] = []
        for decided in batch.facts:
            fact = decided.fact
            written, sealed = encode_fact(fact)
            drafts.append(
                Draft(
                    fact.stream(alliance),
                    fact.NAME,
                    fact.VERSION,
                    alliance,
                    self.event_id(source, message_id, len(drafts)),
                    written,
                    encode_meta(envelope, decided),
                    encode_sealed(sealed, envelope),
                )
            )
        at = envelope.effective_at * MICROSECONDS if envelope.recorded_at is None else envelope.recorded_at
        return Member(source, message_id, digest, at, batch.outcome, drafts, batch.expected, batch.beside)

    def recorded(self, row: Row) -> Recorded[Any]:
        """Return the event of a row, whole and validated, with what is sealed in it."""
        position, stream, version, name, schema, alliance, event_id, recorded_at, source, key, fact, meta, sealed = row
        opened = _NOTHING_SEALED
        try:
            if sealed is None and self._current.get(name) == schema:
                read = self._validate[name](fact)
            else:
                read, opened = self._recorded_slowly(stored(row))
            at, shared = decode_meta(meta)
        except (ValidationError, msgspec.MsgspecError) as fault:
            raise Unreadable(f"position {position}, {name}: does not decode: {fault}") from fault
        about = SeenMeta(alliance, event_id, at, shared, source, key, opened.reason, opened.note)
        return Seen(read, name, about, position, stream, version, recorded_at)  # type: ignore[return-value]

    def _recorded_slowly(self, row: Stored) -> tuple[Any, _Sealed]:
        known = self.upcasters.known(row.name, row.schema_version)
        sealed = _sealed_of(row.sealed) if row.sealed is not None else _NOTHING_SEALED
        if known and sealed.fact is None:
            return self._validate[row.name](row.fact), sealed
        words = _merged(_decode(row.fact), sealed.fact or {})
        return self._validate[row.name](_encode(self.upcasters.lift(row.name, row.schema_version, words))), sealed

    def lean(self, reads: Mapping[str, type[Any]]) -> Callable[[Glimpse], Recorded[Any]]:
        """Return a decoder of rows into the dataclasses of a projection's READS, by the name of the event.

        Fields that a dataclass does not have are skipped, and what is sealed is never looked at. Raises KeyError for
        an event that is not in `reads`, and NewerFormat for a newer version of one that is; TypeError at once for a
        dataclass that has more than fields.
        """
        decoders = {name: self._lean_fact(EVENTS[name], shape) for name, shape in reads.items()}
        current, rest = self._current, self._rest

        def decode(row: Glimpse) -> Recorded[Any]:
            position, name, schema, fact, meta = row.position, row.name, row.schema_version, row.fact, row.meta
            try:
                if schema != current[name] and not self.upcasters.known(name, schema):
                    fact = _encode(self.upcasters.lift(name, schema, _decode(fact)))
                read = decoders[name](fact)
                at = effective_of(meta).effective_at
            except msgspec.MsgspecError as fault:
                raise Unreadable(f"position {position}, {name}: does not decode: {fault}") from fault
            about = GlimpsedMeta(row.alliance, row.event_id, at, meta, position, rest)
            return Glimpsed(read, name, about, position)  # type: ignore[return-value]

        return decode

    @staticmethod
    def _lean_fact(event: type[Event], shape: type[Any]) -> Callable[[bytes], Any]:
        words = {field.name for field in fields(shape)}
        renamed = {name: word for name, word in aliases(event).items() if name in words}
        written = {name for each in shape.__mro__[:-1] for name in vars(each) if not name.startswith("__")}
        if written - words or hasattr(shape, "__post_init__"):
            raise TypeError(f"{shape.__module__}.{shape.__name__}: what a fold reads is a dataclass of fields alone")
        return msgspec.json.Decoder(_twin(shape, renamed)).decode


def _twin(shape: type[Any], renamed: Mapping[str, str]) -> type[Any]:
    """Return a Struct that stands for a dataclass: it is made in a third of the time, and may have other words."""
    return msgspec.defstruct(
        shape.__name__,
        _twin_fields(shape),
        bases=(StandsFor,),
        namespace={"frozen_class": shape, "__dataclass_fields__": shape.__dataclass_fields__},
        module=shape.__module__,
        rename=dict(renamed),
        kw_only=True,
        frozen=True,
        gc=False,
        eq=False,
    )


def _twin_fields(shape: type[Any]) -> list[Any]:
    hints = get_type_hints(shape, include_extras=True)
    return [
        (field.name, hints[field.name], msgspec.field(default=field.default))
        if field.default is not MISSING
        else (field.name, hints[field.name], msgspec.field(default_factory=field.default_factory))
        if field.default_factory is not MISSING
        else (field.name, hints[field.name])
        for field in fields(shape)
    ]
