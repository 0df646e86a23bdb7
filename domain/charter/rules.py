"""A compiled charter: the lookups that authority, findings, clocks and the clerk ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.calendars import Calendar
from domain.charter.duties import MinutesRule, ObligationRule, SeatRule
from domain.charter.language import Body, Charter, Matter, Step
from domain.charter.words import BUILT_IN_ENDS, Deadline

UNDECLARED = Matter()


@dataclass(frozen=True)
class Rules:
    """One charter version, its calendars opened. `warnings` say what a setting named that the charter does not have."""

    charter: Charter
    calendars: Mapping[str, Calendar]
    warnings: tuple[str, ...] = field(default=())

    @property
    def zone(self) -> str:
        return self.charter.zone

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(self.charter.parties)

    def body(self, name: str) -> Body | None:
        """Return a declared body, or None: for a built-in end, and for a name nobody declared."""
        return self.charter.bodies.get(name)

    def matter_name(self, name: str | None) -> str:
        """Return the declared name of a matter: itself, the one that lists it under `also`, else `default`."""
        matters = self.charter.matters
        if name in matters:
            return str(name)
        also = [declared for declared, matter in matters.items() if name in matter.also]
        return also[0] if also else "default"

    def matter(self, name: str | None) -> Matter:
        return self.charter.matters.get(self.matter_name(name), UNDECLARED)

    def declared(self, name: str | None) -> bool:
        """Say whether the charter knows a matter by that name."""
        return name in self.charter.matters or any(name in matter.also for matter in self.charter.matters.values())

    def names_matter(self, rule: Step | Deadline, matter: str | None) -> bool:
        """Say whether a rule covers a matter; one that names none covers all but those it excepts."""
        names = {matter, self.matter_name(matter)}
        if names & set(rule.except_matters):
            return False
        return not rule.matters or bool(names & set(rule.matters))

    def obligation(self, obligation: str, clause: str | None, kind: str | None) -> ObligationRule | None:
        """Return the rule that an obligation follows: by its own id, then by clause and kind, by clause, by kind.

        A clause is met by a part of it, then by what it is a part of.
        """
        rules = self.charter.obligations
        found = [
            [rule for rule in rules if rule.id == obligation],
            [rule for rule in rules if _part_of(clause, rule.clause) and rule.obligation_kind == kind],
            [rule for rule in rules if _part_of(clause, rule.clause) and rule.obligation_kind is None],
            [rule for rule in rules if clause is None and kind and rule.obligation_kind == kind],
            [rule for rule in rules if _part_of(clause, rule.clause)],
            [rule for rule in rules if _part_of(rule.clause, clause) and rule.obligation_kind in (None, kind)],
            _only([rule for rule in rules if kind and rule.obligation_kind == kind]),
        ]
        return next((matching[0] for matching in found if matching), None)

    def minutes_of(self, body: str) -> MinutesRule | None:
        """Return the rule for the minutes of a body: the one that names it, else the one that names none."""
        named = [rule for rule in self.charter.minutes if body in rule.bodies]
        general = [rule for rule in self.charter.minutes if not rule.bodies]
        return next(iter(named + general), None)

    def seat_rules(self, body: str) -> list[SeatRule]:
        return [rule for rule in self.charter.seats if body in rule.bodies]

    def is_end(self, name: str) -> bool:
        return name in BUILT_IN_ENDS and name not in self.charter.bodies


def _only(found: list[ObligationRule]) -> list[ObligationRule]:
    """Return the rules of a kind where there is but one: several would have to be told apart by their clause."""
    return found if len(found) == 1 else []


def _part_of(clause: str | None, rule: str | None) -> bool:
    return clause is not None and rule is not None and clause_met(clause, rule)


def clauses_in(text: str | None) -> list[str]:
    """Return the clauses that a reference lists: `15.2(a), 1.2(d)` names two."""
    return [part.strip() for part in (text or "").replace(";", ",").split(",") if part.strip()]


def clause_met(expected: str, given: str | None) -> bool:
    """Say whether a reference is met by a clause: by itself, or by a part of it (3.3 by 3.3.3)."""
    return any(
        one == expected or (one.startswith(expected) and not one[len(expected)].isalnum()) for one in clauses_in(given)
    )
