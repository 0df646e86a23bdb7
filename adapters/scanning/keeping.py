"""Keeps the log as Parquet files by ranges of positions: whole files only, continued where it stopped."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from adapters.event_log import Log
from adapters.event_log.codec import encode_fact
from adapters.event_log.rows import Stored
from adapters.scanning.columns import line_types, selected
from domain.corrections import in_effect, rulings
from domain.errors import Halted, NewerFormat, Unreadable
from domain.events.correction import RecordCorrected
from domain.recorded import Recorded

FORMAT = 1
"""Of the manifest and of what the files mean; a folder of a newer one is left alone."""
EVENTS_PER_FILE = 250_000
PAGE_EVENTS = 5_000
MANIFEST = "manifest.json"
BEGUN = ".begun-"
CORRECTED = RecordCorrected.NAME

_encode = msgspec.json.encode


class KeptFile(msgspec.Struct, frozen=True):
    """A file, and the first and last position of the events in it."""

    name: str
    first: int
    last: int


class Manifest(msgspec.Struct, frozen=True):
    """What a folder holds: of which log, up to which position, in which files.

    The file `standing` has a row for each event that a correction rules on: what stands in its place, or no name.
    """

    log: str
    incarnation: int
    format: int = FORMAT
    position: int = 0
    recorded_at: int | None = None
    files: tuple[KeptFile, ...] = ()
    standing: str | None = None

    def names(self) -> set[str]:
        """Return the names of the files that count."""
        return {each.name for each in self.files} | ({self.standing} if self.standing else set())


class Line(msgspec.Struct):
    """An event of the log as one line of JSON; its fact and its envelope are the bytes that were written."""

    position: int
    stream: str
    version: int
    name: str | None
    schema_version: int
    alliance: str
    event_id: str
    recorded_at: int
    message_source: str | None
    message_id: str | None
    fact: msgspec.Raw
    meta: msgspec.Raw


def manifest_in(folder: Path) -> Manifest | None:
    """Return what a folder says that it holds, None where it holds nothing yet. Raise NewerFormat or Unreadable."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as fault:
        raise Unreadable(f"{folder / MANIFEST}: {fault}; remove the folder, and keep it anew") from fault
    if found.format > FORMAT:
        raise NewerFormat(f"{folder} is kept in format {found.format}, this cynosure knows {FORMAT}: use the newer one")
    return found


def keep(
    log: Log,
    folder: Path,
    *,
    events_per_file: int = EVENTS_PER_FILE,
    told: Callable[[int], None] = lambda _: None,
) -> Manifest:
    """Bring the files of a folder up to the head of the log, and return what it holds then.

    A file counts from when the manifest names it, and is never changed; a last one that is not full is written anew
    with what came since. Raise Halted where the folder knows more than the log, or another process keeps it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        identity, head = log.identity(), log.head()
        kept = manifest_in(folder) or Manifest(identity.id, identity.incarnation)
        if (kept.log, kept.incarnation) != (identity.id, identity.incarnation) or kept.position > head:
            raise Halted(f"{folder} holds another log, or more of this one than there is: remove it, and keep it anew")
        _clear(folder, kept)
        while kept.position < head:
            start = _start(kept, events_per_file)
            kept = _extended(log, folder, kept, start, min(start + events_per_file, head))
            told(kept.position)
        return kept


def _start(kept: Manifest, events_per_file: int) -> int:
    """Return the position after which the next file begins: that of the last file while it is not full."""
    last = kept.files[-1] if kept.files else None
    full = last is None or last.last - last.first + 1 >= events_per_file
    return kept.position if full or last is None else last.first - 1


def _extended(log: Log, folder: Path, kept: Manifest, start: int, upto: int) -> Manifest:
    """Write the file of the events after *start*, and let the manifest name it in place of what it covers."""
    file = KeptFile(f"events-{start + 1:012d}-{upto:012d}.parquet", start + 1, upto)
    write_rows(folder / file.name, (_line(log, row) for row in _rows(log, start, upto)))
    standing = kept.standing
    if next(_rows(log, kept.position, upto, CORRECTED), None) is not None:
        standing = f"standing-{upto:012d}.parquet"
        write_rows(folder / standing, _standing(log, upto))
    now = Manifest(
        kept.log,
        kept.incarnation,
        position=upto,
        recorded_at=log.recorder.recorded_at(upto),
        files=(*(each for each in kept.files if each.last <= start), file),
        standing=standing,
    )
    beside = folder / f".{MANIFEST}"
    beside.write_bytes(_encode(now))
    _settle(beside, folder / MANIFEST)
    return now


def _rows(log: Log, after: int, upto: int, *names: str) -> Iterator[Stored]:
    while page := log.pages(after, PAGE_EVENTS, upto, names or None):
        yield from page
        after = page[-1].position


def _line(log: Log, row: Stored) -> Line:
    """Return a row of the log as a line, lifted to the words of today. Raise NewerFormat before one of tomorrow."""
    fact = row.fact
    if not log.codec.upcasters.known(row.name, row.schema_version):
        fact = _encode(log.codec.upcasters.lift(row.name, row.schema_version, msgspec.json.decode(fact)))
    return Line(*row[:10], fact=msgspec.Raw(fact), meta=msgspec.Raw(row.meta))


def _standing(log: Log, upto: int) -> Iterator[Line]:
    """Yield each event that a correction rules on as it stands: itself, what replaces it, or nothing (no name)."""
    corrections = [log.codec.recorded(row) for row in _rows(log, 0, upto, CORRECTED)]
    ruled = rulings(corrections)
    for stream in dict.fromkeys(each.stream for each in corrections):
        events = list(log.stream(stream, upto=upto))
        stands = {each.meta.event_id: each for each in in_effect(events)}
        for event in events:
            if event.meta.event_id in ruled:
                yield _standing_line(event, stands.get(event.meta.event_id))


def _standing_line(event: Recorded[Any], stands: Recorded[Any] | None) -> Line:
    told = event if stands is None else stands
    message = told.meta.message
    return Line(
        told.position,
        told.stream,
        told.version,
        None if stands is None else told.name,
        told.fact.VERSION,
        told.meta.alliance,
        told.meta.event_id,
        told.recorded_at,
        message.source if message else None,
        message.id if message else None,
        fact=msgspec.Raw(b"{}" if stands is None else encode_fact(told.fact)[0]),
        meta=msgspec.Raw(_encode(replace(told.meta, reason=None, note=None))),
    )


def write_rows(path: Path, lines: Iterable[Line]) -> None:
    """Write lines of the log as rows of a Parquet file (zstd), which is there whole or not at all."""
    import duckdb

    with TemporaryDirectory(prefix=BEGUN, dir=path.parent) as begun, duckdb.connect() as database:
        written, rows = Path(begun) / "lines.json", Path(begun) / path.name
        with written.open("wb") as file:
            file.writelines(_encode(line) + b"\n" for line in lines)
        database.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in line_types().items())
        read = f"read_json(?, format = 'newline_delimited', columns = {{{columns}}})"
        select = f"SELECT {selected()} FROM {read} ORDER BY position"
        database.execute(f"COPY ({select}) TO '{_sql(rows)}' (FORMAT parquet, COMPRESSION zstd)", [str(written)])
        _settle(rows, path)


def _sql(path: Path) -> str:
    return str(path).replace("'", "''")


def _settle(beside: Path, path: Path) -> None:
    """Put a file in its place once it is on the disk."""
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else keep the folder meanwhile. The lock ends with the process, however it ends."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Halted(f"another process keeps {folder}") from None
        yield


def _clear(folder: Path, kept: Manifest) -> None:
    """Remove what a process that was killed left behind, and what later files have replaced."""
    for begun in folder.glob(f"{BEGUN}*"):
        shutil.rmtree(begun, ignore_errors=True)
    for file in folder.glob("*.parquet"):
        if file.name not in kept.names():
            file.unlink()
