"""Which pauses the charter knows: by cause, by whose act, over which clocks."""

from datetime import date

from domain.charter.language import Toll
from domain.charter.rules import Rules, clause_met
from domain.clocks import Pause, plus_months
from domain.governance.state import Clock, Governance, Item
from domain.governance.told import Told

MONTHS_MAX = 1_200
FAMILIES = {
    "decision": "decisions", "appeal": "decisions", "obligation": "obligations", "minutes": "minutes",
    "notice": "notices", "seat": "seats",
}  # fmt: skip


def toll_for(state: Governance, rules: Rules, item: Item, told: Told) -> Toll | None:
    """Return the clause under which a pause stops the clocks of an item, or None where no clause does."""
    return next((toll for toll in tolls_for(rules, item, told) if _may_start(state, toll, item, told)), None)


def tolls_for(rules: Rules, item: Item, told: Told) -> list[Toll]:
    """Return the clauses that pause the clocks of an item for a cause, whoever starts the pause."""
    return [
        toll
        for toll in rules.charter.tolling
        if toll.cause in (told["cause"], "any") and FAMILIES[item.kind] in toll.pauses and _covers(rules, toll, item)
    ]


def rounded_end(rules: Rules, item: Item, clock: Clock, plain_due: date | None) -> date | None:
    """Return the end of a term that its pauses move by whole months, or None where no clause rounds.

    Each pause counts as the months from its first day to its last: up, down, or to the nearer.
    """
    closed = [pause for pause in clock.pauses if pause.until is not None]
    tolls = {toll.cause: toll for toll in rules.charter.tolling if toll.rounds_to_months and _covers(rules, toll, item)}
    if plain_due is None or not closed or any(pause.cause not in tolls for pause in closed):
        return None
    months = sum(_months(pause, str(tolls[pause.cause].rounds_to_months)) for pause in closed)
    return plus_months(plain_due, months)


def _months(pause: Pause, rounds: str) -> int:
    until = pause.until or pause.since
    months = next(n for n in range(MONTHS_MAX) if plus_months(pause.since, n + 1) > until)
    rest = (until - plus_months(pause.since, months)).days
    whole = (plus_months(pause.since, months + 1) - plus_months(pause.since, months)).days
    return months + (rest > 0 and (rounds == "up" or (rounds == "nearest" and rest * 2 >= whole)))


def nothing_resumes(state: Governance, rules: Rules, item: Item, told: Told) -> bool:
    """Say whether a pause ends with a finding for a side for which nothing resumes."""
    if told["finding_for"] is None:
        return False
    causes = {pause.cause for clock in item.clocks for pause in clock.pauses if pause.pause == told["pause"]}
    tolls = [
        toll
        for toll in rules.charter.tolling
        if toll.cause in causes and toll.resumes_for and _covers(rules, toll, item)
    ]
    who = {"owed_by": item.owed_by, "owed_to": item.owed_to}
    return any(
        told["finding_for"] not in {who.get(one, state.today(one)) for one in toll.resumes_for} for toll in tolls
    )


def _covers(rules: Rules, toll: Toll, item: Item) -> bool:
    if item.opened.text("work_stream") in toll.work_streams:
        return True
    if not toll.only:
        return not toll.work_streams
    clause = item.opened.text("clause")
    named = {item.id, item.rule, item.matter, rules.matter_name(item.matter) if item.matter else None, item.place}
    named |= {item.opened.text("kind"), item.opened.text("work_stream")}
    clauses = any(clause_met(clause, one) or clause_met(one, clause) for one in toll.only if clause)
    return clauses or bool(named & set(toll.only))


def _may_start(state: Governance, toll: Toll, item: Item, told: Told) -> bool:
    if not toll.by or told["by"] is None:
        return True
    who = {"owed_by": item.owed_by, "owed_to": item.owed_to, "accused": item.owed_by}
    return told["by"] in {who.get(one, state.today(one)) for one in toll.by}
