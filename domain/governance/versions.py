"""Charter versions: which one binds, from when it speaks, and the rules that come with it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.calendars import FrozenCalendar
from domain.charter.compile import calendars_of, compiled, parsed
from domain.charter.rules import Rules
from domain.charter.settings import merged
from domain.errors import Unreadable
from domain.governance.state import CharterVersion, Governance
from domain.governance.told import Told
from domain.replacing import replace

CHARTER_EVENTS = ("CharterDrafted", "CharterAdopted", "CharterAmended", "CharterRatified")
NEVER = date.min


def rules_of_document(document: Mapping[str, Any]) -> Rules:
    """Return the rules of a charter as it was recorded. Raise Unreadable.

    A calendar that was recorded without its dates knows no day: what is counted on it is unknown, never guessed.
    """
    charter = parsed(document)
    unknown = FrozenCalendar(first=NEVER, last=NEVER)
    return compiled(charter, {name: one.frozen or unknown for name, one in calendars_of(charter).items()})


def chartered(state: Governance, told: Told) -> Governance:
    """Return the state after a charter was adopted, amended or ratified."""
    version = str(told["version"])
    if told.name == "CharterDrafted":
        return replace(state, drafts={**state.drafts, version: told["charter"] or {}})
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
    """Return the rules that come with a version: its own document, or the version before with changes.

    A document that is no charter of this language has no rules here.
    """
    document = told["charter"] or state.drafts.get(str(told["version"]))
    if document:
        try:
            return rules_of_document(document)
        except Unreadable:
            return None
    before = [one for one in state.charters if one.version == told.text("supersedes")] or list(state.charters)
    if not before:
        return None
    if not told["changes"]:
        return before[-1].rules
    written = before[-1].rules.charter.model_dump(mode="json", by_alias=True, exclude_unset=True)
    placed, warnings = merged(written, told["changes"])
    calendars = before[-1].rules.calendars
    return replace(before[-1].rules, charter=parsed(placed), calendars=calendars, warnings=tuple(warnings))
