"""The log as Parquet files: every event with its words, corrections in effect, whole files only, whoever is killed."""

import fcntl
import json
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from adapters.event_log import Log, open_log
from adapters.event_log.rows import Stored
from adapters.main import build
from adapters.scanning.columns import column_of, fact_types
from adapters.scanning.keeping import MANIFEST, keep, manifest_in
from adapters.scanning.scan import ask, scanning
from domain.corrections import in_effect
from domain.errors import Halted, NewerFormat, Refused, Unreadable
from tests.flow.lives import Step, chronicle, steps, write

EXAMPLE = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"
HISTORIES = Path(__file__).parents[1] / "histories"


def cynosure(*words: str, exits: int = 0) -> Any:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(build(), list(words))
    assert result.exit_code == exits, result.output
    return json.loads(result.stdout) if "json" in words else result.output


def rows(folder: Path, view: str = "events") -> list[dict[str, Any]]:
    found = ask(folder, f"SELECT * FROM {view} ORDER BY position")
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Return the words of a row, as JSON says them."""
    words = {word: row[column_of(word)] for word in fact_types() if row[column_of(word)] is not None}
    return {word: json.loads(value) if fact_types()[word] == "JSON" else value for word, value in words.items()}


def as_typed(word: str, value: Any) -> Any:
    """Return a value on the wire as its column says it."""
    match fact_types()[word]:
        case "DATE":
            return value
        case "DECIMAL(38, 10)":
            return Decimal(str(value))
        case _:
            return value


@pytest.fixture
def example(database_url: str) -> str:
    cynosure("init", "--simulated-clock", "--database", database_url)
    cynosure("record", str(EXAMPLE), "--database", database_url)
    return database_url


def test_every_event_is_there_with_every_word_it_says(example: str, tmp_path: Path) -> None:
    with open_log(example) as log:
        keep(log, tmp_path / "kept", events_per_file=100)
        stored = {row.position: row for row in log.pages(0, 10_000)}
    found = rows(tmp_path / "kept", "log")
    assert [row["position"] for row in found] == list(stored)
    for row in found:
        row_said = {word: str(value) if fact_types()[word] == "DATE" else value for word, value in said(row).items()}
        was = stored[row["position"]]
        fact = msgspec.json.decode(was.fact)
        assert row_said == {word: as_typed(word, value) for word, value in fact.items()}
        assert (row["event"], row["event_id"], row["alliance"]) == (was.name, was.event_id, was.alliance)
        assert int(row["effective_at"].timestamp()) == msgspec.json.decode(was.meta)["effective_at"]
        assert round(row["recorded_at"].timestamp() * 1e6) == was.recorded_at


@settings(max_examples=20)
@given(history=steps(), pieces=st.lists(st.integers(1, 6), max_size=3))
def test_events_are_those_in_effect_however_they_were_kept(history: list[Step], pieces: list[int]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="cynosure-scan-"))
    life = chronicle(f"sqlite:///{folder}/log.db")
    try:
        write(life, history[:2])
        for events_per_file in pieces:
            keep(life.log, folder / "kept", events_per_file=events_per_file)
            history = history[2:] if life.ids else history
            write(life, history[:2])
        keep(life.log, folder / "kept", events_per_file=4)
        whole = life.log.read(after=0, limit=1_000)
        found = [
            (row["position"], row["event"], row["event_id"], int(row["effective_at"].timestamp()), row["findings"])
            for row in rows(folder / "kept")
        ]
        assert found == [
            (each.position, each.name, each.meta.event_id, each.at, [f.rule for f in each.meta.findings])
            for each in in_effect(whole)
        ]
        assert [row["position"] for row in rows(folder / "kept", "log")] == [each.position for each in whole]
    finally:
        life.log.close()
        shutil.rmtree(folder)


class Killed(BaseException):
    """What ends a process at once."""


def test_who_is_killed_goes_on_with_the_next_file_and_leaves_nothing_behind(sqlite_url: str, tmp_path: Path) -> None:
    life, kept = chronicle(sqlite_url), tmp_path / "kept"
    for _ in range(25):
        life.tell("raised")

    def kill(position: int) -> None:
        if position == 20:
            raise Killed

    with life.log as log:
        with pytest.raises(Killed):
            keep(log, kept, events_per_file=10, told=kill)
        assert [row["position"] for row in rows(kept)] == list(range(1, 21)), "what the manifest names is whole"
        (kept / ".begun-x").mkdir()
        (kept / "events-000000000021-000000000025.parquet").write_bytes(b"half")
        before = {file.name: file.stat().st_mtime_ns for file in kept.glob("events-*1-*0.parquet")}
        assert keep(log, kept, events_per_file=10).position == 25
        assert {name: (kept / name).stat().st_mtime_ns for name in before} == before, "what is whole stays"
        life.tell("escalated")
        keep(log, kept, events_per_file=10)
        keep(log, kept, events_per_file=10)
    assert [row["position"] for row in rows(kept)] == list(range(1, 27))
    assert sorted(file.name for file in kept.iterdir()) == [
        ".lock",
        "events-000000000001-000000000010.parquet",
        "events-000000000011-000000000020.parquet",
        "events-000000000021-000000000026.parquet",
        MANIFEST,
    ]


def test_a_file_that_cannot_be_written_whole_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    life, kept = chronicle(sqlite_url), tmp_path / "kept"
    life.tell("raised")
    with life.log as log:
        keep(log, kept)
        life.tell("raised")
        decode = log.codec.upcasters.known
        log.codec.upcasters.known = lambda *_: (_ for _ in ()).throw(NewerFormat("newer"))  # type: ignore[method-assign]
        with pytest.raises(NewerFormat):
            keep(log, kept)
        assert [row["position"] for row in rows(kept)] == [1]
        log.codec.upcasters.known = decode  # type: ignore[method-assign]
        assert keep(log, kept).position == 2


def test_a_folder_of_another_log_or_of_more_than_there_is_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    life, kept = chronicle(sqlite_url), tmp_path / "kept"
    life.tell("raised")
    with life.log as log, chronicle(f"sqlite:///{tmp_path}/other.db").log as other:
        written = (keep(log, kept), (kept / MANIFEST).read_bytes())[1]
        with pytest.raises(Halted, match="another log"):
            keep(other, kept)
        (kept / MANIFEST).write_bytes(written.replace(b'"position":1,', b'"position":7,'))
        with pytest.raises(Halted, match="more of this one"):
            keep(log, kept)
        (kept / MANIFEST).write_bytes(written.replace(b'"format":1', b'"format":2'))
        with pytest.raises(NewerFormat, match="format 2"):
            keep(log, kept)


def test_two_never_keep_one_folder(sqlite_url: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    with chronicle(sqlite_url).log as log, (kept / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Halted, match="another process keeps"):
            keep(log, kept)


def test_names_and_free_text_about_persons_are_in_no_file(tmp_path: Path) -> None:
    shutil.copy(HISTORIES / "log-format-1.sqlite", tmp_path / "log.db")
    cynosure("migrate", "--database", f"sqlite:///{tmp_path}/log.db")
    with open_log(f"sqlite:///{tmp_path}/log.db") as log:
        keep(log, tmp_path / "kept")
        sealed = [text for row in log.pages(0, 10_000) for text in texts(row)]
    assert sealed
    told = json.dumps([rows(tmp_path / "kept", view) for view in ("log", "events")], default=str)
    assert not [text for text in sealed if text in told]


def texts(row: Stored) -> list[str]:
    def within(value: Any) -> list[str]:
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [value] if isinstance(value, str) else [text for part in parts for text in within(part)]

    return within(json.loads(row.sealed)) if row.sealed else []


def test_files_are_kept_and_asked_from_the_command_line(example: str, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept")
    assert "kept_first" in cynosure("scan", "ask", kept, "SELECT 1", exits=3)
    head = cynosure("scan", "keep", kept, "--database", example, "--format", "json")["position"]
    count = cynosure("scan", "ask", kept, "SELECT count(*) AS n, max(position) AS last FROM log", "--format", "json")
    assert count["data"] == [{"n": head, "last": head}]
    assert count["position"] == head
    text = cynosure("scan", "ask", kept, "SELECT outcome, count(*) FROM events GROUP BY ALL ORDER BY ALL")
    assert "approve" in text
    assert f"kept up to position {head}" in text
    assert "the files end at position" in cynosure("scan", "ask", kept, "SELECT 1", "--at-least", "9999", exits=4)
    assert "cannot be answered" in cynosure("scan", "ask", kept, "SELECT nothing FROM events", exits=5)


def test_the_manifest_names_what_a_folder_holds(sqlite_url: str, tmp_path: Path) -> None:
    assert manifest_in(tmp_path) is None
    with pytest.raises(Refused), scanning(tmp_path):
        pass
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(Unreadable, match="remove the folder"):
        manifest_in(tmp_path)
    life = chronicle(sqlite_url)
    life.tell("raised")
    log: Log
    with life.log as log:
        assert keep(log, tmp_path / "kept").recorded_at == 1
