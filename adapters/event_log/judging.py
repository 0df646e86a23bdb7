"""Batches judged one by one under the lock: each gets its own outcome, and a failed one leaves no trace."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from adapters.event_log.rows import Member, Remembered
from domain.errors import Conflict, RepeatDiffers
from domain.ports import Receipt

Outcome = Receipt | Exception


class Transaction(Protocol):
    """An open transaction that holds the lock of the log."""

    @property
    def cursor(self) -> Any:
        """The cursor that writes beside are handed."""

    @property
    def head(self) -> int:
        """The highest position in use, with what this transaction has written."""

    @property
    def spoilt(self) -> bool:
        """Whether a statement has failed, so that the database takes no other until it is rolled back."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what is written inside, head included, where it raises."""

    def remembered(self, source: str, message_id: str) -> Remembered | None:
        """Return what is known of a message."""

    def versions(self, streams: Iterable[str]) -> Mapping[str, int]:
        """Return the version of each stream, 0 where it has no event."""

    def place(self, member: Member, versions: Mapping[str, int]) -> None:
        """Write the events and the message of a member after the head."""


class _BesideFailed(Exception):
    """A write beside raised: the member is undone, and told why."""

    def __init__(self, why: Exception) -> None:
        super().__init__(str(why))
        self.why = why


def judge(transaction: Transaction, members: Sequence[Member], *, again: bool = False) -> list[Outcome]:
    """Write what may be written and return each member's outcome. Later members see the effect of earlier ones.

    Writes beside run for a repeat too, so that a consumed offset moves on over a message that came twice; not where
    the whole is tried `again` after a connection was lost, because then they have been committed with the message.
    """
    outcomes: list[Outcome] = []
    for member in members:
        try:
            with transaction.savepoint():
                receipt = _admit(transaction, member)
                if not (again and receipt.repeated):
                    _write_beside(transaction, member)
            outcomes.append(receipt)
        except (Conflict, RepeatDiffers) as refusal:
            outcomes.append(refusal)
        except _BesideFailed as failed:
            outcomes.append(failed.why)
    return outcomes


def _admit(transaction: Transaction, member: Member) -> Receipt:
    seen = transaction.remembered(member.source, member.id)
    if seen is not None:
        return repeat(member, seen)
    written = {draft.stream for draft in member.drafts}
    versions = transaction.versions(written | set(member.expected))
    moved = {stream: versions[stream] for stream, expected in member.expected.items() if versions[stream] != expected}
    if moved:
        raise Conflict(moved)
    before = transaction.head
    transaction.place(member, versions)
    return Receipt(before + 1, transaction.head, outcome=member.outcome)


def repeat(member: Member, seen: Remembered) -> Receipt:
    """Return the first receipt of a message that came again. Raise RepeatDiffers where its content is other."""
    if seen.digest != member.digest:
        raise RepeatDiffers(
            f"message {member.id!r} of {member.source!r} was recorded with other content: "
            "give a new message an id of its own, or correct the record"
        )
    return Receipt(seen.first, seen.last, repeated=True, outcome=seen.outcome)


def _write_beside(transaction: Transaction, member: Member) -> None:
    for write in member.beside:
        try:
            write(transaction.cursor)
        except Exception as why:  # whatever it is, it is this member's outcome and nobody else's
            raise _BesideFailed(why) from why
        if transaction.spoilt:
            raise _BesideFailed(RuntimeError("a write beside hid the failure of one of its statements"))
