"""All that is asked of a Kafka client: records out and in, and the two ways in which it fails.

`publisher.py`, `subscriber.py` and `cluster.py` say it in terms of kafka-python 3.0, and guard what was found to break
in it; another client library would replace these three and nothing else. Each guard is marked where it stands:

G1  a batch retried past its delivery timeout wedges the producer for ever: no such timeout, a watchdog of our own
G2  a refused record fails every later one with its own error: size and key are checked before sending
G3  a transaction may commit without a record: every record is checked before the commit
G4  calls of a transaction wait for ever: they run under a watchdog, and the end of the process is the cure
G5  a request timeout inside a transaction is fatal: not below 15 s
G6  the client buffers without bound: a budget of records and bytes in flight
G7  a group's metadata is not fenced after membership is lost, so it is never used: the fence lies in the database
G8  a fenced static member polls on in silence: membership is dynamic
G9  short polls can lose a join for ever: metadata first, polls of a second, a new consumer where none joins
G10 each step of a transaction sleeps the retry backoff: 5 ms
G11 flush, close and get wait for ever: every one has a timeout
G12 the library is untyped, warns 200 times while it is imported, and lets headers be None
"""

import logging
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import NamedTuple

from domain.errors import CynosureError

REQUEST_TIMEOUT_MS = 15_000
RETRY_BACKOFF_MS = 5


class Interrupted(CynosureError):
    """The client broke off as only a new one cures: build it anew, and go on from what is known to be done."""


class TooLarge(CynosureError):
    """A record is larger than its topic takes. Nothing was sent."""


class Record(NamedTuple):
    """What is sent. A null value deletes its key on a compacted topic; `timestamp_ms` counts from 1970 UTC."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp_ms: int

    @property
    def size(self) -> int:
        """Return about how many bytes it takes on the wire, rather more than less."""
        headers = sum(len(name) + len(value or b"") + 10 for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers + 100


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


class Received(NamedTuple):
    """What came, untouched: nothing in it can be relied on to be readable."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def where(self) -> str:
        """Return its place, for people."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


def library() -> ModuleType:
    """Return the client library, imported when it is first needed and without its warnings (G12)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import kafka
        import kafka.admin
        import kafka.errors

    # What it logs comes back as a fault of the call that asked; on its own it is hundreds of lines when a broker dies.
    if logging.getLogger("kafka").level == logging.NOTSET:
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
    return kafka  # type: ignore[no-any-return]
