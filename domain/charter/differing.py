"""What an amendment changes: two charters compared rule by rule, each difference by path and clause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.charter.language import Charter

KEYED_BY = ("id", "from", "clause", "cause")


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a rule that differs. `was` or `is_now` is None where the rule is new or gone."""

    path: str
    clause: str | None
    was: Any
    is_now: Any


def changes(before: Charter, after: Charter) -> list[Change]:
    """Return what differs between two charters, in the order of their parts."""
    return list(_between("", _plain(before), _plain(after), None))


def _plain(charter: Charter) -> dict[str, Any]:
    document = charter.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for calendar in (document.get("calendar", {}), *document.get("calendars", {}).values()):
        calendar.pop("frozen", None)
    return document


def _between(path: str, was: Any, now: Any, clause: str | None) -> Iterator[Change]:
    if was == now:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        under = now.get("clause") or was.get("clause") or clause
        for key in [*was, *(key for key in now if key not in was)]:
            yield from _between(f"{path}.{key}" if path else str(key), was.get(key), now.get(key), under)
    elif _rules(was) and _rules(now):
        one, other = _keyed(was), _keyed(now)
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _between(f"{path}[{key}]", one.get(key), other.get(key), clause)
    else:
        yield Change(path, _clause_of(now) or _clause_of(was) or clause, was, now)


def _clause_of(rule: Any) -> str | None:
    return rule.get("clause") if isinstance(rule, Mapping) else None


def _rules(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _name(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _keyed(rules: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for rule in rules:
        name = next((_name(rule[key]) for key in KEYED_BY if rule.get(key)), "rule")
        to = f" to {rule['to']}" if "to" in rule else ""
        matters = rule.get("matter") or rule.get("matters")
        key = f"{name}{to}{f' for {_name(matters)}' if matters else ''}"
        while key in found:
            key += "'"
        found[key] = rule
    return found
