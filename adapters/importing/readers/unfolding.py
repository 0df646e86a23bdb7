"""Makes one row for each thing that happened, of a row that holds several: dates in columns side by side, or a list."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adapters.importing.mapping import Unfold
from adapters.importing.readers.row import ReadRow

Rows = Iterator[ReadRow]


def beside(read: Callable[[Sequence[str]], Rows], unfold: Unfold, columns: Sequence[str]) -> Rows:
    """Yield a row for each of the columns of *unfold* that a row fills, with its name and its value as columns.

    A row that fills none comes once, with both empty, so that it is found and not lost.
    """
    kept = [column for column in columns if column not in {unfold.name, unfold.value}]
    asked = tuple(dict.fromkeys([*kept, *unfold.columns]))
    sources = [(name, asked.index(name)) for name in unfold.columns]
    places = {column: place for place, column in enumerate(asked)}
    for row in read(asked):
        filled = [(name, cell) for name, place in sources if (cell := row.values[place].strip())]
        if unfold.by_value:
            filled.sort(key=lambda pair: pair[1])
        for name, cell in filled or [("", "")]:
            said = {unfold.name: name, unfold.value: cell}
            values = [said[column] if column in said else row.values[places[column]] for column in columns]
            yield row._replace(values=tuple(values))


def is_empty(row: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Say whether a path of keys leads to nothing, or to a list of nothing."""
    value: Any = row
    for key in keys:
        if not isinstance(value, Mapping):
            return not value
        value = value.get(key)
    return not value


def without(row: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return an object without what a path of keys leads to."""
    key, *inner = keys
    below = row.get(key)
    left = {name: value for name, value in row.items() if name != key}
    return left | {key: without(below, inner)} if inner and isinstance(below, Mapping) else left


def elements(value: Any, keys: Sequence[str]) -> Iterator[Any]:
    """Yield a JSON value once for each element of the list that a path of keys leads to, the element in its place.

    An element that is an object also has its place in the list, from 1, as `index`. Where there is no list, or an empty
    one, the value comes once, so that it is found and not lost.
    """
    if isinstance(value, list):
        for place, element in enumerate(value or [None], start=1):
            for inner in elements(element, keys):
                yield {"index": place, **inner} if isinstance(inner, Mapping) else inner
    elif keys and isinstance(value, dict) and keys[0] in value:
        for inner in elements(value[keys[0]], keys[1:]):
            yield {**value, keys[0]: inner}
    else:
        yield value
