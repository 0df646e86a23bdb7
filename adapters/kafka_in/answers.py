"""What became of each message, written with its effect; `kafka_out` publishes it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.kafka.port import Received
from adapters.kafka.tables import Statements
from domain.ports import Beside

WORD_CHARACTERS_MAX = 200

_COLUMNS = {
    "number": "bigint",
    "source": "text",
    "message_source": "text",
    "message_id": "text",
    "topic": "text",
    "partition": "bigint",
    "record_offset": "bigint",
    "alliance": "text",
    "body": "text",
}


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom an answer is for, as far as the message says: its own source and id, and how it is remembered."""

    source: str
    id: str | None
    message_source: str | None
    alliance: str | None = None

    @classmethod
    def of(cls, received: Received, *, message_source: str | None = None) -> "Addressed":
        """Return what the headers of a message say of it, where they can be read at all."""
        return cls(_header(received, "ce_source") or "", _header(received, "ce_id"), message_source)


def _header(received: Received, name: str) -> str | None:
    value = next((value for found, value in received.headers if found == name), None)
    text = "" if value is None else value.decode(errors="replace").replace("\0", "")
    return text[:WORD_CHARACTERS_MAX] or None


def answered(*messages: tuple[Received, Addressed]) -> Beside:
    """Return the write that answers messages by what the log remembers of them."""

    def write(cursor: Any) -> None:
        _write(Statements(cursor), [_row(received, addressed, None) for received, addressed in messages])

    return write


def write_answer(run: Statements, received: Received, addressed: Addressed, body: dict[str, Any]) -> None:
    """Write an answer down that the log cannot give, because it does not remember the message.

    The caller holds the lock of the log, so that answers are numbered in the order in which they can be seen.
    """
    _write(run, [_row(received, addressed, body)])


def _row(received: Received, addressed: Addressed, body: dict[str, Any] | None) -> tuple[Any, ...]:
    return (
        *(addressed.source, addressed.message_source or "", addressed.id),
        *(received.topic, received.partition, received.offset, addressed.alliance),
        None if body is None else json.dumps(body, ensure_ascii=False),
    )


def _write(run: Statements, rows: Sequence[tuple[Any, ...]]) -> None:
    ((last,),) = run.rows("SELECT coalesce(max(number), 0) FROM @kafka_answers")
    run.insert("@kafka_answers", _COLUMNS, [(number, *row) for number, row in enumerate(rows, start=last + 1)])
