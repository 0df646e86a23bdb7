"""Reads CSV, strictly: a quote that never ends, a short row and a missing last line end are faults."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO, Any

from adapters.importing.mapping import FileSaid
from adapters.importing.readers.row import ReadRow, missing_columns
from domain.errors import Unreadable


def csv_rows(file: IO[bytes], name: str, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    """Yield the rows under the header with the values of *columns* (None: of all, the header itself first)."""
    text = _decoded(file, said.encoding, name)
    try:
        yield from _strict(_Lines(text), name, said, columns)
    finally:
        text.detach()  # the file is closed by who opened it


def _strict(lines: "_Lines", name: str, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    for _ in range(said.skip_lines):
        next(lines, None)
    reader = csv.reader(lines, delimiter=delimiter_of(said), quotechar=said.quote, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not header:
            raise Unreadable(f"{name}:1: is empty: the first line names the columns")
        places = _places(header, columns if columns is not None else header, name)
        if columns is None:
            yield ReadRow(reader.line_num + said.skip_lines, tuple(header))
        yield from _rows(reader, said.skip_lines, places, len(header), name)
    except csv.Error as error:
        raise Unreadable(_broken(error, name, reader.line_num + said.skip_lines)) from None
    if said.final_newline == "required" and not lines.ended:
        raise Unreadable(
            f"{name}:{reader.line_num + said.skip_lines}: the last line has no line end, so the file may be "
            "cut in half: fetch "
            "it again, or where it is whole say `final_newline: optional` under `file`"
        )


def _rows(reader: Any, skipped: int, places: Sequence[int], width: int, name: str) -> Iterator[ReadRow]:
    start = reader.line_num + 1 + skipped
    try:
        for cells in reader:
            if len(cells) == width:
                yield ReadRow(start, tuple([cells[place] for place in places]))
            elif cells:
                padded = cells + [""] * width
                fault = f"has {len(cells)} cells where the header names {width}: a delimiter is missing or not quoted"
                yield ReadRow(start, tuple([padded[place] for place in places]), fault)
            start = reader.line_num + 1 + skipped
    except csv.Error as error:
        raise Unreadable(_broken(error, name, start)) from None


class _Lines:
    """The lines of a text, remembering whether the last one had a line end."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.ended = line.endswith(("\n", "\r"))
        return line


def _decoded(file: IO[bytes], encoding: str, name: str) -> io.TextIOWrapper:
    try:
        return io.TextIOWrapper(
            file, encoding="utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding, newline=""
        )
    except LookupError:
        raise Unreadable(
            f"{name}: there is no encoding {encoding!r}: say for example utf-8, latin-1 or cp1252"
        ) from None


def delimiter_of(said: FileSaid) -> str:
    """Return the character between cells; a tab may be written as a word."""
    return {"\\t": "\t", "tab": "\t"}.get(said.delimiter, said.delimiter)


def _places(header: Sequence[str], columns: Sequence[str], name: str) -> list[int]:
    missing = [column for column in columns if column not in header]
    other = next((mark for mark in (";", "\t", "|", ",") if len(header) == 1 and mark in header[0]), None)
    if missing and other:
        raise Unreadable(
            f"{name}:1: names one column only, {header[0]!r}: say `file: {{delimiter: {other!r}}}` if that stands "
            "between cells"
        )
    if missing:
        raise missing_columns(name, missing, header)
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise Unreadable(f"{name}:1: names the column {twice[0]!r} twice: rename one")
    return [header.index(column) for column in columns]


def _broken(error: csv.Error, name: str, line: int) -> str:
    says = str(error)
    if "end of data" in says or "field limit" in says:
        return (
            f"{name}:{line}: a quote is opened in this row and never closed: the file is cut in half, or a quote "
            "inside a cell is not doubled"
        )
    return f"{name}:{line}: is no CSV ({says}): check the delimiter and the quotes"
