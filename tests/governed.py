"""Given a charter and what was told under it, when somebody asks about a day, then ...: with the clerk, in memory."""

from dataclasses import replace
from datetime import date
from typing import Any

from adapters.charter_files import compile_charter
from domain.clocks import instant_after, start_of
from domain.governance.authority import authority
from domain.governance.clerk import due_reports
from domain.governance.explain import explain
from domain.governance.fold import evolve
from domain.governance.judging import faults
from domain.governance.replaying import clerked
from domain.governance.state import CharterVersion, Governance, Item
from domain.governance.told import Report, Told

ADOPTED = date(2024, 1, 1)
JSC_TO_OFFICERS = {
    "from": "JSC",
    "to": "Officers",
    "limit": "10 business_days",
    "clock_starts": "raised",
    "clause": "3",
}
OFFICERS_TO_COURT = {"from": "Officers", "to": "court", "limit": "30 calendar_days", "clock_starts": "escalation"}
PLAIN: dict[str, Any] = {
    "id": "plain",
    "zone": "Europe/Paris",
    "parties": {"acme": {}, "beta": {}},
    "bodies": {"JSC": {"tier": 1, "clause": "1"}, "Officers": {"tier": 2, "kind": "people", "clause": "2"}},
    "matters": {"default": {"start_bodies": ["JSC"], "final_say": "acme", "clause": "6"}},
    "ladder": [JSC_TO_OFFICERS, {**OFFICERS_TO_COURT, "clause": "4"}],
}


class Governed:
    """The governance of one alliance under a charter: PLAIN, with the keys given here instead of its own."""

    def __init__(self, **rules: Any) -> None:
        self.rules = compile_charter({**PLAIN, **rules}, adopted=ADOPTED)
        self.state = Governance(charters=(CharterVersion("1", self.rules, speaks_from=0, needs=()),))

    def tell(self, day: str, event: str, /, **fields: Any) -> "Governed":
        """Tell what happened on a day, after the clerk has done what was due; `id_` names the event."""
        told = self.told(day, event, **fields)
        self.state = evolve(clerked(self.state, told.seconds), told)
        return self

    def raise_(self, day: str = "2024-01-02", decision: str = "D", **fields: Any) -> "Governed":
        """Raise a decision at the JSC."""
        return self.tell(day, "DecisionRaised", **{"decision": decision, "body": "JSC", "matter": "default"} | fields)

    def told(self, day: str, event: str, /, **fields: Any) -> Told:
        """Return an event of a day as governance reads it. A word with a trailing `_` is that word."""
        on = date.fromisoformat(day)
        words = {word.rstrip("_"): one for word, one in fields.items() if word not in ("id_", "findings_")}
        seconds = start_of(on, self.rules.zone)
        told = Told(event, words, seconds, on, fields.get("id_", f"{event} of {day}"), seconds)
        return replace(told, findings=tuple(fields.get("findings_", ())))

    def until(self, day: str) -> "Governed":
        """Let the clerk run up to the last second of a day."""
        self.state = clerked(self.state, self.end(day))
        return self

    def end(self, day: str) -> int:
        """Return the last second of a day in the charter's zone."""
        return instant_after(date.fromisoformat(day), self.rules.zone) - 1

    def asks(self, day: str, **subject: str) -> dict[str, Any]:
        """Return the answer about a subject, decision D if none is named, at the end of a day of the clerk."""
        return explain(self.until(day).state, subject or {"decision": "D"}, self.end(day))

    def may(self, day: str, **subject: str) -> set[tuple[str, str]]:
        """Return who may do what at the end of a day."""
        return {(one["who"], one["act"]) for one in self.asks(day, **subject)["may_act"]}

    def item(self, kind: str = "decision", id: str = "D") -> Item:  # noqa: A002 - the word of the domain
        """Return an item that must be there."""
        item = self.state.item(kind, id)
        assert item is not None
        return item

    def clock(self, day: str, id: str, **subject: str) -> dict[str, Any]:  # noqa: A002 - as above
        """Return one clock of an answer by its id."""
        return next(one for one in self.asks(day, **subject)["clocks"] if one["id"] == id)

    def broken(self, day: str, event: str, /, **fields: Any) -> list[tuple[str, str | None]]:
        """Return what a message of a day would break: in words, and by which clause."""
        return [(one.says, one.clause) for one in faults(self.state, self.told(day, event, **fields))]

    def due(self, day: str) -> list[Report]:
        """Return what the clerk would write by the end of a day, nothing being folded in between."""
        return due_reports(self.state, self.end(day))

    def authority(self, day: str, kind: str = "decision", id: str = "D") -> list[Any]:  # noqa: A002 - as above
        """Return everything that anybody may do about an item at the end of a day."""
        return authority(self.state, self.rules, self.item(kind, id), self.end(day))
