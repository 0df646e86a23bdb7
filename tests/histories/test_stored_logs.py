"""A log that was written once is read unchanged for ever, whatever steps its tables have taken since."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from adapters.event_log import Log, Stored, migrate_log, open_log
from adapters.event_log.migrations import FORMAT
from domain.events.correction import RecordCorrected
from domain.events.decision import PositionStated
from domain.ports import LogIdentity, Receipt
from domain.values import Evidence, Finding, MessageKey

HERE = Path(__file__).parent
FORMATS = [1]
BYTES = ("fact", "meta", "sealed")


def as_written(number: int) -> list[Stored]:
    lines = (HERE / f"log-format-{number}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [Stored(**row | {name: row[name] and row[name].encode() for name in BYTES}) for row in rows]


def opened(number: int, folder: Path) -> Log:
    copy = folder / "copy.db"
    shutil.copy(HERE / f"log-format-{number}.sqlite", copy)
    migrate_log(f"sqlite:///{copy}")
    return open_log(f"sqlite:///{copy}", create=False)


def contains(whole: Any, part: Any) -> bool:
    """Return whether every word of a JSON value stands in another with the same value."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(word in whole and contains(whole[word], part[word]) for word in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("number", FORMATS)
def test_a_stored_log_has_the_bytes_that_were_written(number: int, tmp_path: Path) -> None:
    with opened(number, tmp_path) as log:
        assert log.pages(0, 10_000) == as_written(number)


@pytest.mark.parametrize("number", FORMATS)
def test_every_stored_event_decodes_to_what_its_bytes_say(number: int, tmp_path: Path) -> None:
    with opened(number, tmp_path) as log:
        for event, row in zip(log.read(after=0, limit=10_000), as_written(number), strict=True):
            words = event.fact.model_dump(mode="json", by_alias=True)
            assert contains(words, json.loads(row.fact)), row.name
            sealed = json.loads(row.sealed or b"{}")
            assert contains(words, sealed.get("fact", {}))
            assert (event.meta.reason, event.meta.note) == (sealed.get("reason"), sealed.get("note"))
            assert (event.position, event.stream, event.version) == (row.position, row.stream, row.version)


def test_format_1_is_read_as_it_was_meant(tmp_path: Path) -> None:
    with opened(1, tmp_path) as log:
        assert log.identity() == LogIdentity("26a72b6b-fb1e-4009-89ea-9261e7508e9c", 1, FORMAT, simulated_clock=True)
        assert log.head() == 111
        assert log.remembered(MessageKey("acme", "asked")) == Receipt(
            112, 111, repeated=True, outcome="refused: no authority"
        )
        events = {event.name: event for event in log.read(after=0, limit=1000)}
    corrected = events["record-corrected"].fact
    assert isinstance(corrected, RecordCorrected)
    assert corrected.replacement is not None
    assert corrected.replacement.fact["statement"] == "Frau Weiß stimmt zu"
    stated = events["position-stated"].fact
    assert isinstance(stated, PositionStated)
    assert stated.statement == "statement ü/1"
    ended = events["alliance-ended"].meta
    assert ended.evidence == (Evidence("minutes.pdf", sha256="cd" * 32, clause="4.2"), Evidence("mail"))
    assert ended.findings == (Finding("quorum", clause="5.1", because_of=("e-1", "e-2")), Finding("late"))
    assert (ended.reason, ended.note, ended.zone) == ("Herr Kim war verhindert", "telefonisch", "UTC")
