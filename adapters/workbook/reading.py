"""Read the workbook: every cell judged, every fault named by sheet and cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from adapters.workbook.sheets import ROWS_MAX, SHEETS, Column, Sheet
from domain.errors import Unreadable
from domain.values import ID_CHARACTERS_MAX, TEXT_CHARACTERS_MAX

FILE_BYTES_MAX = 50_000_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its values by word (empty cells left out), and where it stands."""

    file: str
    sheet: Sheet
    number: int
    values: dict[str, Any]

    def where(self, word: str | None = None) -> str:
        """Return the place of a cell, by default of the first one of the key."""
        index = [column.word for column in self.sheet.columns].index(word or self.sheet.key[0])
        return f"{self.file}: {self.sheet.name}!{get_column_letter(index + 1)}{self.number}"

    def get(self, word: str) -> Any:
        """Return a value, None where the cell is empty."""
        return self.values.get(word)


Sheets = dict[str, list[SheetRow]]


def is_workbook(path: Path) -> bool:
    """Say whether a file looks like this workbook: a spreadsheet with a sheet called alliance."""
    try:
        return path.suffix.lower() == ".xlsx" and "alliance" in load_workbook(path, read_only=True).sheetnames
    except (OSError, BadZipFile, InvalidFileException, KeyError):
        return False


def read_workbook(path: Path) -> Sheets:
    """Return the rows of every sheet. Raise Unreadable with every fault, each by sheet and cell."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Unreadable(f"{path}: is larger than {FILE_BYTES_MAX} bytes")
        book = load_workbook(path, data_only=True)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise Unreadable(f"{path}: cannot be read as a workbook; save it as .xlsx") from error
    faults: list[str] = []
    known = {sheet.name for sheet in SHEETS}
    faults += [
        f"{path.name}: there is no sheet {name!r} in this workbook ({', '.join(sorted(known))})"
        for name in book.sheetnames
        if name not in known
    ]
    found: Sheets = {}
    for sheet in SHEETS:
        page = book[sheet.name] if sheet.name in book.sheetnames else None
        found[sheet.name] = [] if page is None else list(_rows(page, sheet, path.name, faults))
    faults += list(_faults_between(found, path.name))
    if faults:
        raise Unreadable(*faults)
    return found


def _rows(page: Worksheet, sheet: Sheet, file: str, faults: list[str]) -> Iterator[SheetRow]:
    heads = [str(cell.value).strip() if cell.value is not None else "" for cell in page[1]]
    words = [column.word for column in sheet.columns]
    if heads[: len(words)] != words:
        faults.append(f"{file}: {sheet.name}!A1: the first row must be {', '.join(words)}; write a new workbook")
        return
    if page.max_row > ROWS_MAX:
        faults.append(f"{file}: {sheet.name}: {page.max_row} rows, the most is {ROWS_MAX}")
        return
    seen: dict[tuple[Any, ...], int] = {}
    for cells in page.iter_rows(min_row=2, max_col=len(words)):
        number = cells[0].row
        if number is None or all(cell.value in {None, ""} for cell in cells):
            continue
        values: dict[str, Any] = {}
        for cell, column in zip(cells, sheet.columns, strict=True):
            try:
                value = _value(cell.value, column)
            except ValueError as fault:
                faults.append(f"{file}: {sheet.name}!{cell.coordinate}: {fault}")
                continue
            if value is not None:
                values[column.word] = value
        row = SheetRow(file, sheet, number, values)
        key = tuple(values.get(word) for word in sheet.key)
        if key in seen:
            faults.append(f"{row.where()}: {' '.join(str(k) for k in key if k)} stands in row {seen[key]} already")
        seen.setdefault(key, number)
        yield row


def _value(raw: Any, column: Column) -> Any:
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if column.required:
            rule = f"{column.word} must not be empty: {column.hint[0].lower()}{column.hint[1:]}"
            raise ValueError(rule)
        return None
    match column.kind:
        case "day":
            return _day(raw, column)
        case "number" | "whole":
            return _number(raw, column)
        case "pairs":
            return _pairs(_text(raw), column)
        case "parties" | "ids":
            return [part.strip() for part in _text(raw).split(";") if part.strip()]
        case "choice" if _text(raw) not in column.choices:
            rule = f"{_text(raw)!r} is not one of {', '.join(column.choices)}"
            raise ValueError(rule)
        case _:
            return _bounded(_text(raw), column)


def _text(raw: Any) -> str:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).strip()


def _bounded(text: str, column: Column) -> str:
    most = TEXT_CHARACTERS_MAX if column.kind == "text" else ID_CHARACTERS_MAX
    if len(text) > most:
        rule = f"{len(text)} characters, the most is {most}"
        raise ValueError(rule)
    if column.kind != "text" and not text.isprintable():
        rule = "holds a line break or another character that cannot be printed"
        raise ValueError(rule)
    return text


def _day(raw: Any, column: Column) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    text = _text(raw)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text).isoformat()
    rule = f"{column.word} must be a day, as 2026-03-31; this is {text!r}"
    raise ValueError(rule)


def _number(raw: Any, column: Column) -> str | int:
    try:
        number = Decimal(_text(repr(raw) if isinstance(raw, float) else raw))
    except InvalidOperation:
        rule = f"{column.word} must be a number; this is {_text(raw)!r}"
        raise ValueError(rule) from None
    if isinstance(raw, bool) or not number.is_finite():
        rule = f"{column.word} must be a number"
        raise ValueError(rule)
    if column.kind == "whole":
        if number != number.to_integral_value() or number < 0:
            rule = f"{column.word} must be a whole number, 0 or more"
            raise ValueError(rule)
        return int(number)
    return format(number, "f")


def _pairs(text: str, column: Column) -> dict[str, str]:
    pairs = {}
    for part in (part.strip() for part in text.split(";")):
        if not part:
            continue
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            rule = f"{column.word} must be party=person; party=person; this is {part!r}"
            raise ValueError(rule)
        pairs[key] = value
    return pairs


def _faults_between(found: Sheets, file: str) -> Iterator[str]:
    """Yield what one sheet says that another does not know."""
    if len(found["alliance"]) != 1:
        yield f"{file}: alliance!A2: must hold exactly one row, it holds {len(found['alliance'])}"
    parties = {row.get("party") for row in found["parties"]}
    yield from _unknown(found, "seats", "body", {row.get("body") for row in found["bodies"]}, "bodies")
    yield from _unknown(found, "stances", "metric", {row.get("metric") for row in found["metrics"]}, "metrics")
    streams = {row.get("work_stream") for row in found["work_streams"]}
    yield from _unknown(found, "decisions", "work_stream", streams, "work_streams")
    for name, rows in found.items():
        for column in (c for sheet in SHEETS if sheet.name == name and name != "parties" for c in sheet.columns):
            if column.kind in {"party", "parties", "pairs"}:
                for row in rows:
                    said = row.get(column.word)
                    named = [said] if isinstance(said, str) else list(said or ())
                    for party in (p for p in named if p not in parties):
                        yield f"{row.where(column.word)}: {party!r} is not on the sheet parties"
    for row in found["decisions"]:
        if (row.get("decided") is None) != (row.get("outcome") is None):
            yield f"{row.where('outcome')}: decided and outcome belong together: give both, or neither"
    for row in found["stances"]:
        if (row.get("version") is None) != (row.get("definition") is None):
            yield f"{row.where('definition')}: version and definition belong together: give both, or neither"
        if row.get("baseline") is not None and row.get("target") is None:
            yield f"{row.where('target')}: a baseline needs a target"


def _unknown(found: Sheets, sheet: str, word: str, known: set[Any], home: str) -> Iterator[str]:
    for row in found[sheet]:
        if row.get(word) is not None and row.get(word) not in known:
            yield f"{row.where(word)}: {row.get(word)!r} is not on the sheet {home}"
