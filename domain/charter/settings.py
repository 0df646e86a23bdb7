"""Settings that fix what a contract leaves open, merged over a charter before it is compiled."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

Document = dict[str, Any]
PROSE = ("reading", "because")
TIER_LISTS = ("ladder", "deadlines")


def merged(charter: Mapping[str, Any], *settings: Mapping[str, Any]) -> tuple[Document, list[str]]:
    """Return a charter document under settings, later ones over earlier ones key by key, and what could not be placed.

    Keys: `zone`, `calendar`, `clock_starts`, `lengths`, `start_bodies`, `matters`; `reading` and `because` are prose.
    """
    document = deepcopy(dict(charter))
    keys: dict[str, Any] = {}
    for one in settings:
        keys |= one
    warnings: list[str] = []
    for key, value in keys.items():
        if key in PROSE:
            continue
        place = PLACES.get(key)
        if place is None:
            warnings.append(f"setting {key!r} is none of {', '.join(PLACES)}")
        else:
            warnings += place(document, value)
    return document, warnings


def _zone(document: Document, value: Any) -> list[str]:
    document["zone"] = value
    return []


def _calendar(document: Document, value: Any) -> list[str]:
    kept = {key: one for key, one in document.get("calendar", {}).items() if key in ("from", "to", "weekend", "clause")}
    document["calendar"] = kept | dict(value)
    return []


def _matters(document: Document, value: Any) -> list[str]:
    matters = document.setdefault("matters", {})
    for name in value:
        if name not in matters:
            matters[name] = dict(value[name] or {}) if isinstance(value, Mapping) else {}
        elif isinstance(value, Mapping):
            matters[name] = {**(matters[name] or {}), **(value[name] or {})}
    return []


def _start_bodies(document: Document, value: Any) -> list[str]:
    matters = document.setdefault("matters", {})
    for name, bodies in value.items():
        matters[name] = {**(matters.get(name) or {}), "start_bodies": bodies}
    return []


def _clock_starts(document: Document, value: Any) -> list[str]:
    unplaced = []
    for body, trigger in value.items():
        placed = [one for one in _limits(document) if _at(one, body) or one.get("id") == body]
        for one in placed:
            one["clock_starts"] = trigger
        if not placed:
            unplaced.append(f"setting clock_starts.{body}: no limit belongs to that body")
    return unplaced


def _lengths(document: Document, value: Any) -> list[str]:
    unplaced = []
    for name, length in value.items():
        placed = _longest_match(document, str(name))
        for one in placed:
            one["limit" if "from" in one else "length"] = length
        if not placed:
            unplaced.append(f"setting lengths.{name}: no deadline has that id, kind, clause or body")
    return unplaced


def _longest_match(document: Document, name: str) -> list[Document]:
    everything = [*_limits(document), *_windows(document), *_duties(document)]
    tests: list[Callable[[Document], bool]] = [
        lambda one: one.get("id") == name,
        lambda one: one.get("obligation_kind") == name or one.get("kind") == name,
        lambda one: _at(one, name),
        lambda one: one.get("clause") == name,
    ]
    for test in tests:
        if found := [one for one in everything if test(one)]:
            return found
    return []


def _limits(document: Document) -> list[Document]:
    tiers = [*document.get("ladder", ()), *document.get("deadlines", ())]
    return [one for one in tiers if "from" in one or one.get("kind", "limit") == "limit"]


def _windows(document: Document) -> list[Document]:
    return [one for one in document.get("deadlines", ()) if one.get("kind", "limit") != "limit"]


def _duties(document: Document) -> list[Document]:
    minutes = [deadline for rule in document.get("minutes", ()) for deadline in rule.get("deadlines", ())]
    notices = [
        body["meeting_notice"] for body in document.get("bodies", {}).values() if "meeting_notice" in (body or {})
    ]
    terms = [rule["appointment"] for rule in document.get("seats", ()) if "appointment" in rule]
    return [*document.get("obligations", ()), *minutes, *notices, *terms]


def _at(one: Document, body: str) -> bool:
    places = one.get("from") or one.get("at") or ()
    return body == places if isinstance(places, str) else body in places


PLACES: dict[str, Callable[[Document, Any], list[str]]] = {
    "zone": _zone,
    "calendar": _calendar,
    "clock_starts": _clock_starts,
    "lengths": _lengths,
    "start_bodies": _start_bodies,
    "matters": _matters,
}
