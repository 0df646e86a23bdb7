"""Reads XES (IEEE 1849), event by event: an event's attributes by their key, those of its trace as `case:KEY`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import IO
from xml.parsers import expat

from adapters.importing.mapping import FileSaid
from adapters.importing.readers.row import CELL_CHARACTERS_MAX, ReadRow, missing_columns
from domain.errors import Unreadable

CHUNK_BYTES = 1 << 18
HEADER_EVENTS = 2_000
INDEX = "event:index"
ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})


def xes_rows(file: IO[bytes], name: str, said: FileSaid, columns: Sequence[str] | None) -> Iterator[ReadRow]:  # noqa: ARG001
    """Yield one row for each event. `event:index` counts the events of a trace from 1, in the order of the file."""
    events = _events(file, name)
    if columns is None:
        first = list(islice(events, HEADER_EVENTS))
        columns = tuple(dict.fromkeys(key for _, values in first for key in values))
        yield ReadRow(1, tuple(columns))
        events = chain(first, events)
    seen: set[str] = set()
    line = 0
    for line, values in events:
        seen.update(values)
        yield ReadRow(line, tuple([values.get(column, "") for column in columns]))
    if line == 0:
        raise Unreadable(f"{name}: holds no event: XES is log > trace > event")
    if missing := [column for column in columns if column not in seen]:
        raise missing_columns(name, missing, sorted(seen))


def _events(file: IO[bytes], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    handler = _Handler(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.StartDoctypeDeclHandler = handler.doctype
    handler.parser = parser
    try:
        while chunk := file.read(CHUNK_BYTES):
            parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position
            yield from handler.taken()
        parser.Parse(b"", True)  # noqa: FBT003 - as above
        yield from handler.taken()
    except expat.ExpatError as error:
        raise Unreadable(
            f"{name}:{error.lineno}: is no XML ({expat.ErrorString(error.code)}): the file is cut in half or damaged"
        ) from None


@dataclass(slots=True)
class _Handler:
    """Takes elements as they come. A document type, which could name entities and files, is refused."""

    name: str
    parser: expat.XMLParserType | None = None
    _trace: dict[str, str] = field(default_factory=dict)
    _event: dict[str, str] | None = None
    _line: int = 0
    _index: int = 0
    _inside: list[str] = field(default_factory=list)
    _ready: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        tag = tag.rpartition(":")[2]
        match tag, self._inside[-1] if self._inside else "":
            case "trace", "log":
                self._trace, self._index = {}, 0
            case "event", "trace":
                self._index += 1
                self._line = self.parser.CurrentLineNumber if self.parser else 0
                self._event = {INDEX: str(self._index)}
            case _, "trace" if tag in ATTRIBUTES:
                self._trace[f"case:{attributes.get('key', '')}"] = self._value(attributes)
            case _, "event" if tag in ATTRIBUTES and self._event is not None:
                self._event[attributes.get("key", "")] = self._value(attributes)
            case _:
                pass
        self._inside.append(tag)

    def end(self, tag: str) -> None:
        """End an element."""
        self._inside.pop()
        if tag.rpartition(":")[2] == "event" and self._event is not None and self._inside[-1:] == ["trace"]:
            self._ready.append((self._line, self._event | self._trace))
            self._event = None

    def doctype(self, *_: object) -> None:
        """Refuse a document type."""
        raise Unreadable(f"{self.name}: declares a document type, which XES has none of: remove <!DOCTYPE ...>")

    def taken(self) -> list[tuple[int, dict[str, str]]]:
        """Return the events read since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def _value(self, attributes: dict[str, str]) -> str:
        value = attributes.get("value", "")
        if len(value) > CELL_CHARACTERS_MAX:
            raise Unreadable(f"{self.name}: an attribute holds more than {CELL_CHARACTERS_MAX} characters")
        return value
