"""Turns the rules' conditions into functions of a row, and remembers which rules a combination of values meets."""

import re
from collections.abc import Callable, Sequence

from adapters.importing.reading import REMEMBERED_MAX, Values
from adapters.importing.rules import Conditions, Rule, ValueTest

Meets = Callable[[Values], bool]


def _value_test(test: ValueTest) -> Callable[[str], bool]:
    checks: list[Callable[[str], bool]] = []
    if test.is_:
        allowed = frozenset(word.strip() for word in test.is_)
        checks.append(lambda text: text in allowed)
    if test.matches is not None:
        search = re.compile(test.matches).search
        checks.append(lambda text: search(text) is not None)
    if test.empty is not None:
        wanted = test.empty
        checks.append(lambda text: (not text) is wanted)
    if test.not_ is not None:
        inner = _value_test(test.not_)
        checks.append(lambda text: not inner(text))
    return lambda text: all(check(text) for check in checks)


def conditions_met(any_of: Sequence[Conditions], columns: Sequence[str]) -> Meets:
    """Return whether a row meets one of the conditions. No conditions are always met."""
    if not any_of:
        return lambda _values: True
    compiled = [[(columns.index(name), _value_test(test)) for name, test in one.items()] for one in any_of]
    return lambda values: any(all(test(values[place].strip()) for place, test in one) for one in compiled)


class Candidates:
    """Which rules the columns of a row meet, in order, by place; remembered for each combination of values."""

    def __init__(self, rules: Sequence[Rule], columns: Sequence[str]) -> None:
        read = sorted({columns.index(name) for rule in rules for one in rule.when for name in one})
        self._read = read
        self._tests = [conditions_met(rule.when, columns) for rule in rules]
        self._remembered: dict[Values, tuple[int, ...]] = {}

    def of(self, values: Values) -> tuple[int, ...]:
        """Return the places of the rules whose column conditions the row meets."""
        key = tuple([values[place] for place in self._read])
        found = self._remembered.get(key)
        if found is None:
            found = tuple(place for place, test in enumerate(self._tests) if test(values))
            if len(self._remembered) < REMEMBERED_MAX:
                self._remembered[key] = found
        return found

    def shown(self, values: Values, columns: Sequence[str]) -> str:
        """Return the values that rules look at, as a message shows them."""
        return ", ".join(f"{columns[place]}={values[place]!r}" for place in self._read) or "no column"
