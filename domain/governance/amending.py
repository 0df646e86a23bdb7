"""What an amendment does to the items that are open: what each would be under it, and which would lose its body."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.charter.rules import Rules
from domain.governance.authority import authority
from domain.governance.consequence import Consequence, if_nothing
from domain.governance.holding import Holder, holder_of, present_limit
from domain.governance.state import Governance, Item

NO_PLACE = ("", "nobody")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an item stands: with whom, under which limit and clause, until when, who may act, and what comes if not."""

    state: str
    outcome: str | None
    tier: str | None
    holder: Holder
    limit: str | None
    clause: str | None
    due: date | None
    due_unknown_because: str | None
    may_act: tuple[tuple[str, str], ...]
    if_nothing: Consequence


@dataclass(frozen=True, slots=True)
class Amended:
    """An open item that an amendment leads elsewhere: as it is, and as it would be, None where it is not there."""

    kind: str
    id: str
    was: Standing
    would_be: Standing | None
    without_body: str | None


def amended_items(before: Governance, after: Governance, rules: Rules, seconds: int) -> Iterator[Amended]:
    """Yield the open items that differ between a history under two charters; `rules` are those of the second."""
    for item in sorted(before.items.values(), key=lambda one: (one.kind, one.id)):
        if item.status != "open":
            continue
        other = after.item(item.kind, item.id)
        was = standing(before, item, seconds)
        would_be = standing(after, other, seconds) if other else None
        lost = body_lost(rules, item, before.rules_of(item, seconds))
        if was != would_be or lost:
            yield Amended(item.kind, item.id, was, would_be, lost)


def standing(state: Governance, item: Item, seconds: int) -> Standing:
    """Return where an item stands at an instant."""
    rules = state.rules_of(item, seconds)
    limit = present_limit(state, rules, item, seconds)
    return Standing(
        state=item.status,
        outcome=item.outcome,
        tier=item.place or item.body,
        holder=holder_of(state, rules, item, seconds),
        limit=limit.clock.length.says() if limit else None,
        clause=limit.clock.clause if limit else None,
        due=limit.due if limit else None,
        due_unknown_because=limit.unknown_because if limit else None,
        may_act=tuple(sorted({(one.who, one.act) for one in authority(state, rules, item, seconds)})),
        if_nothing=if_nothing(state, rules, item, seconds),
    )


def body_lost(rules: Rules, item: Item, own: Rules) -> str | None:
    """Return the body that an open item lies with and that these rules do not know, else None.

    Minutes, notices and seats lie with a body only where the charter they began under knew it.
    """
    if item.kind in ("decision", "appeal"):
        gone = item.place not in NO_PLACE and rules.body(item.place) is None and not rules.is_end(item.place)
        return item.place if gone else None
    body = item.body or ""
    return body if own.body(body) is not None and rules.body(body) is None else None
