"""Opens a file of any format, plain or gzipped, and hands it to its reader."""

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from adapters.importing.mapping import FileSaid, Format
from adapters.importing.readers.row import ROWS_MAX, ReadRow
from adapters.importing.readers.unfolding import beside
from domain.errors import Unreadable

SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xes": "xes",
    ".xlsx": "xlsx",
}
Reader = Callable[[IO[bytes], str, FileSaid, Sequence[str] | None], Iterator[ReadRow]]


def format_of(path: Path, said: FileSaid) -> Format:
    """Return the format that the mapping says, or that follows from the file's name."""
    if said.format is not None:
        return said.format
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if (found := SUFFIXES.get(suffix.lower())) is None:
        raise Unreadable(
            f"{path}: the format does not follow from the name: say `file: {{format: csv}}` in the mapping"
        )
    return found


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as it lies there, in hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror})") from None


def read_rows(path: Path, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    """Yield the rows of a file with the values of *columns* (None: of all, their names first).

    Raise Unreadable where the file as a whole is broken.
    """
    unfold = said.unfold
    if unfold is not None and unfold.list is not None and format_of(path, said) != "jsonl":
        raise Unreadable(f"{path}: file.unfold.list: only JSON lines hold lists: name the `columns` to unfold instead")
    if unfold is None or unfold.list is not None or columns is None:
        yield from _folded_rows(path, said, columns)
    else:
        yield from beside(lambda asked: _folded_rows(path, said, asked), unfold, columns)


def _folded_rows(path: Path, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:
    reader = _reader(format_of(path, said))
    said = said.model_copy(update={"delimiter": "\t"}) if _tabbed(path, said) else said
    try:
        with path.open("rb") as plain:
            opened: IO[bytes] = gzip.GzipFile(fileobj=plain) if _gzipped(plain) else plain  # type: ignore[assignment]
            for count, row in enumerate(reader(opened, str(path), said, columns), start=1):
                if count > ROWS_MAX:
                    raise Unreadable(f"{path}:{row.line}: holds more than {ROWS_MAX} rows: import it in parts")
                yield row
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Unreadable(f"{path}: the compressed file is cut short or damaged ({error}): fetch it again") from None
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{path}: holds bytes that are not {error.encoding} ({error.reason}): say the `encoding` under "
            "`file`, such as"
            " latin-1 or utf-16"
        ) from None
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror or error})") from None


def _reader(form: Format) -> Reader:
    match form:
        case "csv":
            from adapters.importing.readers.csv_rows import csv_rows

            return csv_rows
        case "jsonl":
            from adapters.importing.readers.jsonl_rows import jsonl_rows

            return jsonl_rows
        case "xes":
            from adapters.importing.readers.xes_rows import xes_rows

            return xes_rows
        case "xlsx":
            from adapters.importing.readers.xlsx_rows import xlsx_rows

            return xlsx_rows


def _tabbed(path: Path, said: FileSaid) -> bool:
    return ".tsv" in path.suffixes and "delimiter" not in said.model_fields_set


def _gzipped(file: IO[bytes]) -> bool:
    start = file.read(2)
    file.seek(0)
    return start == b"\x1f\x8b"
