"""Comparing an answer with what a scenario expects: only the keys that it names."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.charter.rules import clause_met


def differences(expect: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each key whose answer is not as expected."""
    return [one for key, wanted in expect.items() for one in _key(key, wanted, answer)]


def plain(value: Any) -> Any:
    """Return an answer as JSON would carry it: dates as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _key(key: str, wanted: Any, answer: Mapping[str, Any]) -> Iterator[str]:
    given = plain(answer.get("may_act" if key in ("may_act_includes", "may_not") else key))
    compare = SPECIAL.get(key)
    if compare is not None:
        yield from compare(wanted, given)
    elif not _same(wanted, given):
        yield f"{key}: expected {wanted!r}, answered {given!r}"


def _same(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(_same(one, given.get(key)) for key, one in wanted.items())
    if isinstance(wanted, list) and isinstance(given, list):
        return sorted(map(str, wanted)) == sorted(map(str, given))
    return wanted == given or (
        wanted is not None and given is not None and str(wanted) == str(given) and not isinstance(wanted, bool)
    )


def _pairs(acts: Any) -> set[tuple[str, str]]:
    return {(str(one["who"]), str(one["act"])) for one in acts or ()}


def _may_act(wanted: Any, given: Any) -> Iterator[str]:
    acts = {act for _, act in _pairs(wanted)}
    there = {pair for pair in _pairs(given) if pair[1] in acts}
    if there != _pairs(wanted):
        yield f"may_act: expected {sorted(_pairs(wanted))}, answered {sorted(there)}"


def _includes(wanted: Any, given: Any) -> Iterator[str]:
    if missing := _pairs(wanted) - _pairs(given):
        yield f"may_act_includes: {sorted(missing)} is missing"


def _may_not(wanted: Any, given: Any) -> Iterator[str]:
    if too_much := _pairs(wanted) & _pairs(given):
        yield f"may_not: {sorted(too_much)} is possible"


def _clocks(wanted: Any, given: Any) -> Iterator[str]:
    for one in wanted:
        candidates = [
            clock for clock in given or ()
            if clock["kind"] == one["kind"] and ("id" not in one or str(clock["id"]) == str(one["id"]))
        ]  # fmt: skip
        if not any(_same(one, clock) for clock in candidates):
            shown = [{key: clock.get(key) for key in one} for clock in candidates]
            yield f"clocks: expected {one!r}, answered {shown!r}"


def _refused(wanted: Any, given: Any) -> Iterator[str]:
    if given is None:
        yield f"refused: expected {wanted!r}, nothing was refused"
        return
    if not clause_met(str(wanted["rule"]), given["rule"]) or not set(wanted.get("because_of", ())) <= set(
        given["because_of"]
    ):
        yield f"refused: expected {wanted!r}, answered {given!r}"


def _findings(wanted: Any, given: Any) -> Iterator[str]:
    missing = [one for one in wanted if not any(clause_met(str(one), clause) for clause in given or ())]
    extra = [clause for clause in given or () if not any(clause_met(str(one), clause) for one in wanted)]
    if missing or extra:
        yield f"findings: expected {wanted!r}, answered {given!r}"


SPECIAL = {
    "may_act": _may_act,
    "may_act_includes": _includes,
    "may_not": _may_not,
    "clocks": _clocks,
    "refused": _refused,
    "findings": _findings,
}
