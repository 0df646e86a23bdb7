"""What several callers' batches come to when nothing stands against any of them: written in one sweep."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adapters.event_log.rows import DIGEST_VERSION, Draft, Member
from domain.ports import Receipt
from domain.replacing import quick

_receipt: Callable[..., Receipt] = quick(Receipt)


class SweepFailed(Exception):
    """A message of a plan is known already, so that its transaction comes to nothing."""


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A draft and its place: the member it belongs to (from 0), and how many versions it lies after its stream's."""

    member: int
    versions_on: int
    draft: Draft


@dataclass(slots=True)
class Plan:
    """The rows of all members in order; `expected` maps a stream to the version it must have before any of them."""

    members: Sequence[Member]
    placed: list[Placed] = field(default_factory=list)
    written: dict[str, int] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def streams(self) -> list[str]:
        """Return every stream that is written or only read."""
        return [*self.written, *(stream for stream in self.expected if stream not in self.written)]

    def receipts(self, head: int) -> list[Receipt]:
        """Return what each member is told, when the first row comes after `head`."""
        receipts = []
        for member, size in zip(self.members, self.sizes, strict=True):
            receipts.append(_receipt(head + 1, head + size, False, member.outcome))  # noqa: FBT003  # by position: quick
            head += size
        return receipts

    def stamps(self, last: int, stamp: int | None) -> list[int]:
        """Return the recorded time of each member: *stamp*, or what it says where a simulated clock obeys it."""
        if stamp is not None:
            return [stamp] * len(self.members)
        stamps = []
        for member, size in zip(self.members, self.sizes, strict=True):
            last = max(member.recorded_at, last + 1) if size else last
            stamps.append(last)
        return stamps

    def simulated_floors(self) -> tuple[list[int], list[int]]:
        """Return for each member what `stamps` comes to when the last time is not known yet: n + max(last, floor)."""
        ordinals, floors = [], []
        ordinal, floor = 0, 0
        for member, size in zip(self.members, self.sizes, strict=True):
            if size:
                ordinal += 1
                floor = max(floor, member.recorded_at - ordinal) if ordinal > 1 else member.recorded_at - 1
            ordinals.append(ordinal)
            floors.append(floor)
        return ordinals, floors

    def rows(self, head: int, versions: Mapping[str, int], stamps: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """Yield the columns of every event, in the order of `Stored`."""
        keys = [(stamp, member.source, member.id) for member, stamp in zip(self.members, stamps, strict=True)]
        for position, at in enumerate(self.placed, start=head + 1):
            draft = at.draft
            stream = draft.stream
            yield (
                position,
                stream,
                versions[stream] + at.versions_on,
                draft.name,
                draft.schema_version,
                draft.alliance,
                draft.event_id,
                *keys[at.member],
                draft.fact,
                draft.meta,
                draft.sealed,
            )

    def messages(self, head: int) -> Iterator[tuple[Any, ...]]:
        """Yield what is remembered of every message: source, id, digest and its version, first, last, outcome."""
        for member, size in zip(self.members, self.sizes, strict=True):
            yield member.source, member.id, member.digest, DIGEST_VERSION, head + 1, head + size, member.outcome
            head += size

    def lay(self, member: Member) -> None:
        """Put the drafts of a member after those of the members before it."""
        number, written = len(self.sizes), self.written
        for draft in member.drafts:
            on = written[draft.stream] = written.get(draft.stream, 0) + 1
            self.placed.append(Placed(number, on, draft))
        self.sizes.append(len(member.drafts))


def alone(member: Member) -> Plan:
    """Return the plan of one member that has been judged already."""
    sweep = Plan((member,))
    sweep.lay(member)
    return sweep


def plan(members: Sequence[Member]) -> Plan | None:
    """Return the sweep that writes all members, or None where they have to be judged one by one.

    That is where a write beside may fail, a message comes twice, or an expectation cannot hold after an earlier member.
    """
    sweep = Plan(members)
    messages = set()
    for number, member in enumerate(members):
        messages.add((member.source, member.id))
        if member.beside or len(messages) <= number:
            return None
        for stream, version in member.expected.items():
            before = version - sweep.written.get(stream, 0)
            if sweep.expected.setdefault(stream, before) != before:
                return None
        sweep.lay(member)
    return sweep
