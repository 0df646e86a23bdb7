"""Sends records in order through kafka-python, never more than a budget at once, and says which have arrived."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from adapters.kafka.port import REQUEST_TIMEOUT_MS, RETRY_BACKOFF_MS, Interrupted, Record, TooLarge, library
from adapters.kafka.settings import KafkaSettings
from domain.errors import Halted

RECORDS_IN_FLIGHT_MAX = 10_000
BYTES_IN_FLIGHT_MAX = 32 * 1024 * 1024
STALL_SECONDS_MAX = 60.0
CLOSE_SECONDS_MAX = 2.0
RECORD_BYTES_MAX = 1_000_000
NEVER_MS = 2_147_483_647
TRANSACTION_TIMEOUT_MS = 30_000
ABANDONED_CALLS_MAX = 3

_abandoned: list[threading.Thread] = []


class Publisher:
    """One idempotent producer. `sent` and `arrived` count records; all up to `arrived` are acknowledged.

    Raises Interrupted when nothing was acknowledged for `stall_seconds_max`, or when a record was refused: abandon it
    then, and build another.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        transactional_id: str | None = None,
        stall_seconds_max: float = STALL_SECONDS_MAX,
        record_bytes_max: int = RECORD_BYTES_MAX,
    ) -> None:
        self._stall_seconds_max = stall_seconds_max
        self._record_bytes_max = record_bytes_max
        self._in_flight: deque[tuple[Any, int, float]] = deque()
        self._bytes = 0
        self.sent = 0
        self.arrived = 0
        words = {**settings.client(), **self.settings(transactional_id)}
        self._producer = self._interruptible(lambda: library().KafkaProducer(**words))

    def settings(self, transactional_id: str | None) -> dict[str, Any]:
        """Return how the client is set up."""
        transactional = {} if transactional_id is None else {"transactional_id": transactional_id}
        return {
            **transactional,
            "acks": "all",
            "enable_idempotence": True,
            "delivery_timeout_ms": NEVER_MS,  # G1
            "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,  # G5
            "retry_backoff_ms": RETRY_BACKOFF_MS if transactional else 100,  # G10
            "max_request_size": self._record_bytes_max + 4_096,
            "batch_size": 65_536,
            "linger_ms": 5,
            "max_block_ms": int(self._stall_seconds_max * 1000),
            "bootstrap_timeout_ms": int(self._stall_seconds_max * 1000),
            "allow_auto_create_topics": False,
        }

    def fence(self) -> None:
        """End every earlier producer of the same transactional id, and what it had not committed. Once, at first."""
        self._bounded("init_transactions", self._producer.init_transactions)

    def begin(self) -> None:
        """Begin a transaction."""
        self._bounded("begin_transaction", self._producer.begin_transaction)

    def commit(self) -> None:
        """Commit what was sent since `begin`: all of it, or raise Interrupted."""
        self.drain()  # G3: a commit may return with a record missing
        self._bounded("commit_transaction", self._producer.commit_transaction)

    def send(self, record: Record) -> None:
        """Send a record after those before it; wait while the budget is used up. Raise TooLarge or Interrupted."""
        size = record.size
        if size > self._record_bytes_max:  # G2
            raise TooLarge(f"{record.topic}: a record of {size} bytes, the most is {self._record_bytes_max}")
        while len(self._in_flight) >= RECORDS_IN_FLIGHT_MAX or self._bytes >= BYTES_IN_FLIGHT_MAX:  # G6
            self._wait_for_first()
        try:
            future = self._producer.send(
                record.topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                timestamp_ms=record.timestamp_ms,
            )
        except Exception as fault:
            raise Interrupted(f"{record.topic}: could not be sent: {fault}") from fault
        self._in_flight.append((future, size, time.monotonic()))
        self._bytes += size
        self.sent += 1

    def settle(self) -> int:
        """Return how many records have arrived with all before them. Raise Interrupted where one was refused."""
        in_flight = self._in_flight
        while in_flight and in_flight[0][0].is_done:
            future, size, _ = in_flight[0]
            if future.exception is not None:
                raise Interrupted(f"a record was refused: {future.exception}") from future.exception
            in_flight.popleft()
            self._bytes -= size
            self.arrived += 1
        if in_flight and self.oldest_seconds > self._stall_seconds_max:
            raise Interrupted(f"nothing was acknowledged for {self.oldest_seconds:.0f} s")
        return self.arrived

    @property
    def oldest_seconds(self) -> float:
        """Return the age of the oldest record that is not acknowledged, in seconds."""
        return time.monotonic() - self._in_flight[0][2] if self._in_flight else 0.0

    def drain(self) -> int:
        """Wait until everything has arrived, and return how many records that is."""
        while self._in_flight:
            self._wait_for_first()
        return self.arrived

    def close(self) -> None:
        """Let go of the connections once what was sent has arrived, or soon."""
        with contextlib.suppress(Exception):
            self._producer.close(timeout=CLOSE_SECONDS_MAX)  # G11, and G1: it may raise where it is wedged
        self.abandon()

    def abandon(self) -> None:
        """Send nothing more, whatever is still waiting: it is no longer ours to send."""
        with contextlib.suppress(Exception):
            self._producer._sender.force_close()  # noqa: SLF001  # closing would send the rest first
        with contextlib.suppress(Exception):
            self._producer.close(timeout=0)

    def _wait_for_first(self) -> None:
        future = self._in_flight[0][0]
        with contextlib.suppress(Exception):  # what has become of it is told when it is settled
            future.get(timeout=0.2)
        self.settle()

    def _interruptible(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as fault:
            raise Interrupted(f"Kafka cannot be reached: {fault}") from fault

    def _bounded(self, name: str, call: Callable[[], object]) -> None:
        """Run a call that has no timeout of its own (G4)."""
        faults: list[BaseException] = []

        def run() -> None:
            try:
                call()
            except BaseException as fault:  # noqa: BLE001  # it is raised again in the thread that asked
                faults.append(fault)

        thread = threading.Thread(target=run, name=f"kafka {name}", daemon=True)
        thread.start()
        thread.join(self._stall_seconds_max)
        if thread.is_alive():
            _abandon(thread, name, self._stall_seconds_max)
        if faults:
            raise Interrupted(f"{name}: {faults[0]}") from faults[0]


def _abandon(call: threading.Thread, name: str, seconds: float) -> None:
    """Leave a call behind that may never come back; where too many do not, only the end of the process cures it."""
    _abandoned[:] = [*(earlier for earlier in _abandoned if earlier.is_alive()), call]
    if len(_abandoned) > ABANDONED_CALLS_MAX:
        raise Halted(f"{name} has not come back in {seconds:.0f} s, nor had others before: start this process again")
    raise Interrupted(f"{name} has not come back in {seconds:.0f} s")
