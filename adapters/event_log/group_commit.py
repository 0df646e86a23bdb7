"""Concurrent callers' batches in one transaction: whoever comes while a commit is under way shares the next one."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from adapters.event_log.judging import Outcome
from adapters.event_log.rows import Member

COMMIT_MEMBERS_MAX = 1_000
"""How many callers share one transaction: more would make the first of them wait for the last."""

Write = Callable[[Sequence[Member]], list[Outcome]]


class _Request:
    """One caller's members, and a gate that opens when they are written or when it is their turn to write."""

    __slots__ = ("_gate", "done", "failure", "members", "outcomes")

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        self.outcomes: list[Outcome] = []
        self.failure: BaseException | None = None
        self.done = False
        self._gate = threading.Lock()

    def close_gate(self) -> None:
        self._gate.acquire()

    def wait(self) -> None:
        self._gate.acquire()

    def wake(self) -> None:
        self._gate.release()

    def answer(self, outcomes: list[Outcome]) -> None:
        self.outcomes, self.done = outcomes, True

    def fail(self, failure: BaseException) -> None:
        self.failure, self.done = failure, True


class GroupCommit:
    """Lets one caller at a time write, for itself and for everybody who waits.

    A caller that is alone writes at once, in its own thread: there is no thread of its own to hand work to. Others
    queue up meanwhile; when a commit is done, the first of them writes for all of them.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: deque[_Request] = deque()
        self._writing = False

    def write(self, members: Sequence[Member]) -> list[Outcome]:
        """Write members, perhaps together with others', and return their outcomes; raise what the database raised."""
        request = _Request(members)
        with self._lock:
            mine = not self._writing
            self._writing = True
            if not mine:
                request.close_gate()
                self._waiting.append(request)
        if not mine:
            request.wait()
        if not request.done:
            self._write_for_all(request)
        if request.failure is not None:
            raise request.failure
        return request.outcomes

    def _write_for_all(self, mine: _Request) -> None:
        requests = [mine]
        try:
            with self._lock:
                size = len(mine.members)
                while self._waiting and size + len(self._waiting[0].members) <= COMMIT_MEMBERS_MAX:
                    requests.append(self._waiting.popleft())
                    size += len(requests[-1].members)
            self._write_together(requests)
        except BaseException as interrupted:  # noqa: BLE001  # raised in the thread of the caller whom it struck
            mine.fail(interrupted)
        finally:
            self._hand_over(requests[1:])

    def _hand_over(self, others: list[_Request]) -> None:
        """Wake those who are done, put back those whom an interruption left undone, and let the next one write."""
        with self._lock:
            self._waiting.extendleft(request for request in reversed(others) if not request.done)
            following = self._waiting.popleft() if self._waiting else None
            self._writing = following is not None
        for request in others:
            if request.done:
                request.wake()
        if following is not None:
            following.wake()

    def _write_together(self, requests: list[_Request]) -> None:
        try:
            outcomes = self._write([member for request in requests for member in request.members])
        except Exception as failure:  # noqa: BLE001  # each caller raises it in its own thread
            self._write_apart(requests, failure)
            return
        taken = 0
        for request in requests:
            request.answer(outcomes[taken : taken + len(request.members)])
            taken += len(request.members)

    def _write_apart(self, requests: list[_Request], failure: Exception) -> None:
        """Give each caller its own failure, so that one whose bytes the database refuses fails alone."""
        if len(requests) == 1:
            requests[0].fail(failure)
            return
        for request in requests:
            self._write_together([request])
