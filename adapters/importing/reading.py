"""Turns what a mapping says about a cell into a function from a row's values to the value meant."""

import re
from collections.abc import Callable, Sequence

from adapters.importing.cells import AttributeCell, Cell
from domain.values import Scalar

Values = tuple[str, ...]
ReadCell = Callable[[Values], str | None]
TRUE, FALSE = frozenset({"true", "1", "yes", "y", "t"}), frozenset({"false", "0", "no", "n", "f"})
REMEMBERED_MAX = 100_000
INTEGERS_END = 2**63
SHOWN_CHARACTERS_MAX = 60


class BadCell(Exception):
    """A value that the mapping does not allow: which rule it breaks, and a sentence."""

    def __init__(self, rule: str, says: str) -> None:
        super().__init__(says)
        self.rule = rule
        self.says = says


def cell_reader(cell: Cell, path: str, columns: Sequence[str]) -> ReadCell:
    """Return what reads *cell* from a row whose values stand in the order of *columns*. It raises BadCell."""
    if cell.constant is not None:
        constant = cell.constant
        return lambda _values: constant
    places = [columns.index(name) for name in cell.reads()]
    if not places:
        return lambda _values: None
    meant = _meaning(cell, path)
    if len(places) == 1:
        place = places[0]
        return lambda values: meant(values[place])
    return lambda values: meant(cell.join.join([text for p in places if (text := values[p].strip())]))


def _meaning(cell: Cell, path: str) -> Callable[[str], str | None]:
    remembered: dict[str, str | None] = {}
    pattern = re.compile(cell.extract) if cell.extract else None

    def meant(text: str) -> str | None:
        try:
            return remembered[text]
        except KeyError:
            value = _mapped(cell, path, _cut_out(text.strip(), cell, pattern))
            if len(remembered) < REMEMBERED_MAX:
                remembered[text] = value
            return value

    return meant


def _cut_out(text: str, cell: Cell, pattern: re.Pattern[str] | None) -> str:
    if text in cell.empty:
        return ""
    if pattern is None or not text:
        return text
    found = pattern.search(text)
    return (found.group(1) or "").strip() if found else ""


def _mapped(cell: Cell, path: str, text: str) -> str | None:
    if not text:
        return cell.values.get("", cell.if_empty)
    if text in cell.values:
        return cell.values[text]
    match cell.leaves:
        case "kept":
            return text
        case "unknown":
            return None
        case _:
            raise BadCell(
                "value_mapped",
                f"{path}: {shown(text)} is not among its `values`: add it (mapped to ~ where it is unknown), or say "
                "`unmapped: kept` or `unmapped: unknown`",
            )


def attribute_reader(cell: AttributeCell, path: str, columns: Sequence[str]) -> Callable[[Values], Scalar]:
    """Return what reads an attribute, as the type that the mapping says."""
    read = cell_reader(cell, path, columns)
    if cell.type == "text":
        return read
    typed = _integer if cell.type == "integer" else _boolean

    def meant(values: Values) -> Scalar:
        text = read(values)
        return None if text is None else typed(text, path)

    return meant


def _integer(text: str, path: str) -> int:
    try:
        number = int(text.removesuffix(".0"))
        if -INTEGERS_END <= number < INTEGERS_END:
            return number
        raise ValueError(text)
    except ValueError:
        raise BadCell("integer", f"{path}: {shown(text)} is no integer: say `type: text`") from None


def _boolean(text: str, path: str) -> bool:
    word = text.lower()
    if word not in TRUE | FALSE:
        raise BadCell(
            "boolean", f"{path}: {shown(text)} is neither true nor false: map it with `values`, or say `type: text`"
        )
    return word in TRUE


def shown(text: str) -> str:
    """Return a value as a message shows it: quoted, and cut where it is long."""
    return repr(text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}...")
