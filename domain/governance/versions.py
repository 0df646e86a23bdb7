"""Charter versions: which one binds, from when it speaks, and the rules that come with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.charter.compile import calendars_of, compiled, parsed
from domain.charter.rules import Rules
from domain.charter.settings import merged
from domain.errors import Unreadable
from domain.governance.state import CharterVersion, Governance
from domain.governance.told import Told

CHARTER_EVENTS = ("CharterAdopted", "CharterAmended", "CharterRatified")


def rules_of_document(document: Mapping[str, Any]) -> Rules:
    """Return the rules of a charter as it was recorded, its calendars stored as dates. Raise Unreadable."""
    charter = parsed(document)
    stored = {name: calendar.frozen for name, calendar in calendars_of(charter).items()}
    if missing := [name for name, frozen in stored.items() if frozen is None]:
        raise Unreadable(f"calendars {', '.join(missing)}: store the dates with the charter before it is recorded")
    return compiled(charter, {name: frozen for name, frozen in stored.items() if frozen is not None})


def chartered(state: Governance, told: Told) -> Governance:
    """Return the state after a charter was adopted, amended or ratified."""
    version = str(told["version"])
    if told.name == "CharterRatified":
        return _ratified(state, version, str(told["party"]))
    rules = _rules(state, told)
    if rules is None:
        return state
    amends = told.name == "CharterAmended"
    binding = rules.charter.amendment.binds if amends else "at_once"
    needs = tuple(state.parties(rules)) if binding == "last_ratification" else ()
    moves = str(told["open_items"] or rules.charter.amendment.open_items)
    speaks_from = told.seconds if state.charters or amends else 0
    one = CharterVersion(version, rules, speaks_from, needs, open_items=moves if amends else "migrate")
    return replace(state, charters=(*(known for known in state.charters if known.version != version), one))


def _ratified(state: Governance, version: str, party: str) -> Governance:
    charters = tuple(
        replace(one, ratified_by=(*one.ratified_by, party)) if one.version == version else one for one in state.charters
    )
    return replace(state, charters=charters)


def _rules(state: Governance, told: Told) -> Rules | None:
    """Return the rules that come with a version: its own document, or the version before with changes."""
    if told["charter"]:
        return rules_of_document(told["charter"])
    before = [one for one in state.charters if one.version == told.text("supersedes")] or list(state.charters)
    if not before:
        return None
    if not told["changes"]:
        return before[-1].rules
    document = before[-1].rules.charter.model_dump(mode="json", by_alias=True, exclude_unset=True)
    placed, warnings = merged(document, told["changes"])
    calendars = before[-1].rules.calendars
    return replace(before[-1].rules, charter=parsed(placed), calendars=calendars, warnings=tuple(warnings))
