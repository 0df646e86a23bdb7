"""Whatever is done to a log, it equals a list kept beside it: append, conflict, repeat, fail, open again, restore."""

import hashlib
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.event_log import Log, open_log
from adapters.event_log.backup import back_up, restore
from domain.errors import Conflict, RepeatDiffers
from domain.events.decision import DecisionEscalated
from domain.ports import Append, Receipt
from domain.recorded import Decided, Envelope
from domain.values import MessageKey

messages = st.integers(0, 12).map(lambda number: f"m{number}")
subjects = st.lists(st.sampled_from("ABC"), max_size=4)
expectations = st.dictionaries(st.sampled_from("ABC"), st.sampled_from([0, 0, 0, -1, 1]), max_size=2)
batches = st.tuples(messages, subjects, expectations, st.sampled_from([False, False, False, True]))


class Undone(Exception):
    """Raised by a write beside."""


def undo(_: Any) -> None:
    raise Undone


def stream(subject: str) -> str:
    return f"decision/a/{subject}"


class LogModel(RuleBasedStateMachine):
    """A log in a file, and what it must hold: (stream, message) per position, and what each message was told."""

    @initialize()
    def make(self) -> None:
        self.folder = Path(mkdtemp(prefix="cynosure-model-"))
        self.number = 0
        self.log = self._open()
        self.incarnation = 1
        self.events: list[tuple[str, str]] = []
        self.told: dict[str, tuple[str, Receipt]] = {}

    def _open(self) -> Log:
        return open_log(f"sqlite:///{self.folder / f'{self.number}.db'}")

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.close()
            shutil.rmtree(self.folder)

    def _wish(self, message: str, subjects: list[str], expected: dict[str, int], fails: bool) -> Append:  # noqa: FBT001
        content = f"{message} {subjects}"
        return Append(
            envelope=Envelope(alliance="a", effective_at=1, message=MessageKey("s", message)),
            facts=[Decided(DecisionEscalated(decision=subject)) for subject in subjects],
            expected=expected,
            digest=hashlib.sha256(content.encode()).digest(),
            beside=[undo] if fails else [],
        )

    def _versions(self) -> dict[str, int]:
        return {stream(s): sum(each == stream(s) for each, _ in self.events) for s in "ABC"}

    def _expect(self, message: str, subjects: list[str], expected: dict[str, int], fails: bool) -> Any:  # noqa: FBT001
        """Do to the list what an append does to the log, and return what it is told."""
        content = f"{message} {subjects}"
        if message in self.told:
            before, receipt = self.told[message]
            if before != content:
                return RepeatDiffers
            return Undone if fails else Receipt(receipt.first, receipt.last, repeated=True)
        if any(self._versions()[name] != version for name, version in expected.items()):
            return Conflict
        if fails:
            return Undone
        head = len(self.events)
        self.events += [(stream(subject), message) for subject in subjects]
        self.told[message] = content, Receipt(head + 1, len(self.events))
        return self.told[message][1]

    @rule(wishes=st.lists(batches, min_size=1, max_size=4))
    def append_together(self, wishes: list[tuple[str, list[str], dict[str, int], bool]]) -> None:
        at_start = self._versions()
        asked, answers = [], []
        for message, subjects, off, fails in wishes:
            expected = {stream(subject): at_start[stream(subject)] + by for subject, by in off.items()}
            asked.append(self._wish(message, subjects, expected, fails))
            answers.append(self._expect(message, subjects, expected, fails))
        for outcome, answer in zip(self.log.append_all(asked), answers, strict=True):
            assert outcome == answer if isinstance(answer, Receipt) else isinstance(outcome, answer)

    @rule()
    def open_again(self) -> None:
        self.log.close()
        self.log = self._open()

    @precondition(lambda self: self.number < 3)
    @rule()
    def restore_a_backup(self) -> None:
        self.number += 1
        file = self.folder / f"backup-{self.number}.db"
        back_up(self.log, file)
        self.log.close()
        self.log = self._open()
        restore(file, self.log)
        self.incarnation += 1

    @invariant()
    def it_holds_what_it_must(self) -> None:
        if not hasattr(self, "log"):
            return
        rows = self.log.pages(0, 10_000)
        assert [(row.stream, row.message_id) for row in rows] == self.events
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert (self.log.head(), self.log.identity().incarnation) == (len(rows), self.incarnation)
        assert self.log.versions(self._versions()) == self._versions()
        for name in self._versions():
            assert [event.version for event in self.log.stream(name)] == list(range(1, self._versions()[name] + 1))
        for message, (_, receipt) in self.told.items():
            seen = self.log.remembered(MessageKey("s", message))
            assert seen == Receipt(receipt.first, receipt.last, repeated=True)


TestLogModel = LogModel.TestCase
TestLogModel.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
