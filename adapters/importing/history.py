"""Imports a history: reads the mapping, judges the whole file, and writes it into the log."""

import csv
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.handling import Handler
from adapters.importing.judged import Judged
from adapters.importing.judging import Judge
from adapters.importing.mapping import FileSaid
from adapters.importing.mapping import Mapping as Mapped
from adapters.importing.mapping_file import read_mapping
from adapters.importing.readers import read_rows, sha256_of
from adapters.importing.readers.csv_rows import delimiter_of
from adapters.importing.recording import PART_OF_A_DECISION, Came, Imported, Importer
from domain.book import Book
from domain.errors import Unreadable
from domain.ports import EventLog

Progress = Callable[[str, int], None]
"""Told what is being done (`judging`, `writing`) and how many rows are done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an import: what was written, what was set aside and in which file, and what deserves a look."""

    imported: Imported
    rows: int
    decisions: int
    aside: int = 0
    aside_file: Path | None = None
    notices: Sequence[str] = field(default_factory=tuple)
    endings: Mapping[str, int] = field(default_factory=dict)
    """How many first cycles ended how: outcomes, `open`, `first seen decided`."""

    events: Mapping[str, int] = field(default_factory=dict)
    """How many events of each name the rows say."""


def check_history(file: Path, mapping_file: Path, *, progress: Progress = lambda _doing, _rows: None) -> Outcome:
    """Judge a file by a mapping, without a log, and write nothing. Raise Unreadable with every fault."""
    mapping = read_mapping(mapping_file)
    judge = Judge(mapping, parties=_parties(Book(mapping.alliance.id), mapping, mapping_file), salt="")
    with _collector_at_rest():
        judged = judge.judge(
            read_rows(file, mapping.file, judge.columns), progress=lambda rows: progress("judging", rows)
        )
    if judged.faults.found:
        raise Unreadable(*judged.faults.told(str(file)))
    return _outcome(Imported(counts=judged.counts), judged, mapping, None)


def import_history(
    log: EventLog,
    file: Path,
    mapping_file: Path,
    *,
    keep_going: bool = False,
    aside_file: Path | None = None,
    progress: Progress = lambda _doing, _rows: None,
) -> Outcome:
    """Import a file by a mapping. Nothing is written where a fault is found, unless *keep_going* sets bad rows aside.

    Raises Unreadable with every fault of the mapping or the file. Stopped while writing, the same call continues.
    """
    with _collector_at_rest():
        return _imported(log, file, mapping_file, keep_going=keep_going, aside_file=aside_file, progress=progress)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Hold the garbage collector back: walking the rows of a whole file again and again costs more than judging it."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _imported(
    log: EventLog,
    file: Path,
    mapping_file: Path,
    *,
    keep_going: bool,
    aside_file: Path | None,
    progress: Progress,
) -> Outcome:
    mapping = read_mapping(mapping_file)
    came = Came(str(file), sha256_of(file), sha256_of(mapping_file))
    book = Handler(log).book(mapping.alliance.id)
    judge = Judge(mapping, parties=_parties(book, mapping, mapping_file), salt=log.identity().id)
    read = read_rows(file, mapping.file, judge.columns)
    judged = judge.judge(read, progress=lambda rows: progress("judging", rows))
    judged.faults.reword("raised_first", PART_OF_A_DECISION, known=lambda id_: book.state("decision", id_) is not None)
    if judged.faults.found and not (keep_going and judged.reports):
        raise Unreadable(*judged.faults.told(str(file)))
    if sha256_of(file) != came.sha256:
        raise Unreadable(f"{file}: changed while it was read: import it when nobody writes it")
    importer = Importer(log, mapping, came, book)
    imported = importer.write(judged, progress=lambda reports: progress("writing", reports))
    aside_file = aside_file or Path(f"{file.name}.set-aside.csv")
    if judged.aside:
        write_aside(aside_file, mapping.file, judge.columns, judged)
    return _outcome(imported, judged, mapping, aside_file if judged.aside else None)


def _outcome(imported: Imported, judged: Judged, mapping: Mapped, aside_file: Path | None) -> Outcome:
    return Outcome(
        imported,
        judged.rows,
        judged.decisions,
        aside=len(judged.aside),
        aside_file=aside_file,
        notices=tuple(notices(judged, mapping)),
        endings=dict(judged.endings.most_common()),
        events=dict(Counter(fact.NAME for report in judged.reports for fact in report.facts).most_common()),
    )


def _parties(book: Book, mapping: Mapped, mapping_file: Path) -> frozenset[str]:
    said, alliance = mapping.alliance, book.alliance
    named = [party.id for party in said.parties]
    if alliance is None:
        if not named:
            raise Unreadable(
                f"{mapping_file}: alliance.parties: alliance {said.id!r} is not in the log: say its title, "
                "kind and parties (id and "
                "name, two or more), so that the import can form it"
            )
        return frozenset(named)
    known = {*alliance.parties, *alliance.former, *alliance.affiliates}
    strangers = [party for party in named if party not in known]
    if strangers:
        raise Unreadable(
            f"{mapping_file}: alliance.parties: {', '.join(strangers)}: not of alliance {said.id!r} as it is "
            "in the log "
            f"({', '.join(alliance.parties)}): leave them out, or record the succession first"
        )
    return frozenset(known)


def write_aside(path: Path, file: FileSaid, columns: Sequence[str], judged: Judged) -> None:
    """Write the decisions that rows were set aside of, whole, each of those rows with its line and the reason.

    Written as the mapping says that CSV is written, so that the same mapping reads the file when it is mended.
    """
    rows = sorted([*judged.aside, *judged.beside], key=lambda one: (one.row.line, one.row.order))
    with path.open("w", encoding=file.encoding, newline="", errors="backslashreplace") as written:
        written.write("\n" * file.skip_lines)
        writer = csv.writer(written, delimiter=delimiter_of(file), quotechar=file.quote, lineterminator="\n")
        writer.writerow([*columns, "set_aside_line", "set_aside_because"])
        writer.writerows([*one.row.values, one.row.line if one.because else "", one.because] for one in rows)


def notices(judged: Judged, mapping: Mapped) -> list[str]:
    """Return what deserves a look although nothing is wrong."""
    found = []
    for place, rule in enumerate(mapping.rules):
        if not judged.rules_used[place]:
            found.append(f"rules[{place}]{f' ({rule.name})' if rule.name else ''} took no row")
    counted = {
        "clamped": "rows stand before the row ahead of them in time: kept as they are, measured as no time",
        "out_of_order": "rows stood out of their order in the file, and were put into it",
        "after_cut_off": "rows lie after the cut-off, and were left out",
        "after_end": "steps came after the end of their decision, and were left out (after_end: ignored)",
        "numbered": "rows had the identity of an earlier one, and were numbered (duplicates: numbered)",
        "same_row_again": "rows were the same as an earlier one, and were left out (duplicates: same)",
        "not_in_the_file": "rows that the log knows are not in the file, and stand",
    }
    found += [f"{judged.counts[name]} {says}" for name, says in counted.items() if judged.counts[name]]
    if judged.cut_short:
        found.append(
            f"{judged.cut_short} decision{'s are' if judged.cut_short > 1 else ' is'} imported up to a row that was "
            "set aside, and no further: what is open there counts as open until it is mended"
        )
    return found
