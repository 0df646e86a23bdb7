"""Whatever a file holds, it is read or refused; a file cut anywhere is never taken for a whole one."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.importing.judging import Judge
from adapters.importing.mapping_file import mapping_from
from adapters.importing.readers import ReadRow, read_rows
from adapters.importing.suggesting import suggest
from domain.errors import Unreadable
from tests.importing.given import HEAD, Desk
from tests.importing.test_rules import OBJECTS, XES, workbook

ROWS = b'd,n,at,e\nD1,1,2026-01-01T10:00:00Z,"open, or so"\nD1,2,2026-01-02T10:00:00Z,done\n'
RULES = "rules: [{then: {becomes: open}}]"
USUAL = "decision: d, order: n, time: {column: at, zone: UTC}"
XES_HEAD = HEAD.replace(USUAL, 'decision: "case:concept:name", order: "event:index", time: "time:timestamp"')


def taken(desk: Desk) -> int | None:
    """Return how many rows were taken, None where the file was refused."""
    try:
        judged = desk.judged()
    except Unreadable:
        return None
    return None if judged.faults.found else judged.rows


@pytest.mark.parametrize(
    ("name", "whole", "mapping"),
    [
        ("h.csv", ROWS, HEAD + RULES),
        ("h.jsonl", OBJECTS, HEAD + RULES),
        ("h.xes", XES.encode(), XES_HEAD + RULES),
        ("h.csv.gz", gzip.compress(ROWS, mtime=0), HEAD + RULES),
    ],
)
def test_a_file_cut_at_any_byte_is_refused_unless_it_ends_with_a_line(
    name: str, whole: bytes, mapping: str, desk: Desk
) -> None:
    desk.name = name
    desk.holds(whole, mapping)
    assert taken(desk) == 2
    for cut in range(len(whole)):
        desk.file.write_bytes(whole[:cut])
        rows = taken(desk)
        if rows is not None and whole[:cut].rstrip() != whole.rstrip():
            assert name in {"h.csv", "h.jsonl"}
            assert rows == 1
            assert whole[:cut].endswith((b"\n", b"}"))


def test_a_workbook_cut_anywhere_is_refused(desk: Desk) -> None:
    desk.name = "h.xlsx"
    whole = workbook()
    desk.holds(whole, HEAD + "file: {sheet: Action log, skip_lines: 1}\n" + RULES)
    assert taken(desk) == 2
    for cut in range(0, len(whole), 97):
        desk.file.write_bytes(whole[:cut])
        assert taken(desk) is None


@given(st.binary(max_size=400))
@example(b'd,n,at,e\n"')
@example(b"d,n,at,e\n\x00,1,2026-01-01,x\n")
@example(b"d,n,at,e\n" + b"x" * 200_000)
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    mapping = mapping_from(HEAD + RULES)
    for name in ("h.csv", "h.jsonl", "h.xes", "h.xlsx", "h.csv.gz"):
        look(Path(name), raw, lambda path: list(read_rows(path, mapping.file, ("d", "n", "at", "e"))))


ODD = st.sampled_from(
    ["", "9" * 5000, "²", "1e999", "nan", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "-0", "٣", "\x85"]
)
COLUMNS = f"{USUAL}, tier: t, holder: h, attributes: {{k: {{column: k, type: integer}}}}"


@given(st.lists(st.tuples(*[ODD | st.text(max_size=8)] * 5), min_size=1, max_size=4))
def test_any_cells_are_judged(rows: list[tuple[str, ...]]) -> None:
    mapping = mapping_from(HEAD.replace(USUAL, COLUMNS) + RULES)
    judge = Judge(mapping, parties=["acme", "globex"], salt="")
    assert judge.columns == ("d", "n", "at", "h", "t", "k")
    read = [ReadRow(line, ("D1", *row)) for line, row in enumerate(rows, start=2)]
    judged = judge.judge(read)
    assert len(judged.aside) + len(judged.reports) + len(judged.silent) == len(rows)


@given(st.lists(st.lists(ODD | st.text(max_size=12), min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_table_gets_a_proposal_or_is_refused(cells: list[list[str]]) -> None:
    import csv

    text = io.StringIO()
    csv.writer(text).writerows([["case", "time", "event"], *cells])
    look(Path("h.csv"), text.getvalue().encode("utf-8", errors="replace"), suggest)


def look(name: Path, raw: bytes, work: Any) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        faults = faults_of(lambda: work(path))
    assert all(str(path) in fault or "proposal" in fault for fault in faults)


def faults_of(work: Any) -> tuple[str, ...]:
    try:
        work()
    except Unreadable as unreadable:
        return unreadable.faults
    return ()


@given(st.text(max_size=200))
@example("a: &x [*x]")
@example("? [a]\n: b")
@example("!!python/object:os.system x")
@example("a: " * 50)
@settings(max_examples=150)
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    assert all(fault.startswith("mapping:") for fault in faults_of(lambda: mapping_from(text)))
