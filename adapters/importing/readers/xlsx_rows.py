"""Reads a sheet of a workbook (XLSX): the first row that is not passed over names the columns."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any

from adapters.importing.mapping import FileSaid
from adapters.importing.readers.row import ReadRow, missing_columns
from domain.errors import Unreadable

UNPACKED_BYTES_MAX = 1 << 30
HEADER_ROWS = 30
HEADER_NAMES_MIN = 3


def xlsx_rows(file: IO[bytes], name: str, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    """Yield the rows under the header. Dates and times come as ISO 8601, whole numbers without a point."""
    import openpyxl

    _refuse_bombs(file, name)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{name}: is no workbook that can be read ({error}): save it as XLSX again") from None
    try:
        yield from _rows(_sheet(book, name, said), name, said, columns)
    finally:
        book.close()


def likely_table(file: IO[bytes], name: str) -> tuple[str, int] | None:
    """Return the sheet and the rows above the header of what looks like a table, None where nothing does."""
    import openpyxl

    _refuse_bombs(file, name)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            for above, cells in enumerate(sheet.iter_rows(values_only=True, max_row=HEADER_ROWS)):
                if sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) >= HEADER_NAMES_MIN:
                    return sheet.title, above
    finally:
        book.close()
    return None


def _rows(sheet: Any, name: str, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    rows = islice(enumerate(sheet.iter_rows(values_only=True), start=1), said.skip_lines, None)
    line, cells = next(rows, (said.skip_lines + 1, ()))
    header = [as_text(cell).strip() for cell in cells]
    if not any(header):
        raise Unreadable(
            f"{name}:{line}: row {line} of sheet {sheet.title!r} names no columns: say `skip_lines` under `file`"
        )
    if columns is None:
        columns = [column for column in header if column]
        yield ReadRow(line, tuple(columns))
    if missing := [column for column in columns if column not in header]:
        raise missing_columns(name, missing, [column for column in header if column])
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise Unreadable(f"{name}:{line}: names the column {twice[0]!r} twice: rename one")
    places = [header.index(column) for column in columns]
    for number, values in rows:
        if any(value is not None for value in values):
            yield ReadRow(number, tuple([as_text(values[p]) if p < len(values) else "" for p in places]))


def _sheet(book: Any, name: str, said: FileSaid) -> Any:
    if said.sheet is None:
        return book.worksheets[0]
    if said.sheet not in book.sheetnames:
        raise Unreadable(f"{name}: has no sheet {said.sheet!r}: it has {', '.join(book.sheetnames)}")
    return book[said.sheet]


def _refuse_bombs(file: IO[bytes], name: str) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        raise Unreadable(f"{name}: is no XLSX, or is cut in half: save it again (XLS of old is not read)") from None
    if size > UNPACKED_BYTES_MAX:
        raise Unreadable(f"{name}: unpacks to more than {UNPACKED_BYTES_MAX} bytes: save it as CSV")
    file.seek(0)


def as_text(value: Any) -> str:
    """Return the value of a cell as text."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() if value.time() == time.min and value.tzinfo is None:
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
