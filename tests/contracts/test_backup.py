"""A backup is a log in one file; restored, it is the same log in its next incarnation."""

from pathlib import Path

import pytest

from adapters.event_log import Log, open_log
from adapters.event_log.backup import back_up, restore
from domain.errors import Refused, Unreadable
from domain.events.decision import DecisionRaised, PositionStated
from domain.ports import Append, Receipt
from domain.recorded import Decided, Envelope
from domain.values import MessageKey


def append(log: Log, message: str, *, outcome: str | None = None) -> Receipt:
    facts = [
        Decided(DecisionRaised(decision=message, body="JSC")),
        Decided(PositionStated(decision=message, party="acme", position="for", statement="Dr. Weiß agrees")),
    ]
    about = Envelope(alliance="a", effective_at=1, message=MessageKey("acme", message))
    return log.append(Append(envelope=about, facts=[] if outcome else facts, digest=message.encode(), outcome=outcome))


def test_a_backup_opens_as_the_log_it_was_taken_from(database_url: str, tmp_path: Path) -> None:
    with open_log(database_url) as log:
        for number in range(1200):
            append(log, f"m{number}")
        append(log, "asked", outcome="refused")
        heard: list[int] = []
        assert back_up(log, tmp_path / "backup.db", told=heard.append) == 2400
        assert heard == [1000, 2000, 2400]
        with open_log(f"sqlite:///{tmp_path / 'backup.db'}") as copy:
            assert copy.identity() == log.identity()
            assert copy.pages(0, 10_000) == log.pages(0, 10_000)
            assert copy.remembered(MessageKey("acme", "asked")) == Receipt(2401, 2400, repeated=True, outcome="refused")
            assert append(copy, "m7") == Receipt(15, 16, repeated=True)


def test_a_restored_log_is_the_same_in_its_next_incarnation_and_goes_on(database_url: str, tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path / 'first.db'}") as first:
        append(first, "m1")
        append(first, "asked", outcome="refused")
        back_up(first, tmp_path / "backup.db")
        append(first, "lost")
        with open_log(database_url) as log:
            assert restore(tmp_path / "backup.db", log) == 2
            assert (log.identity().id, log.identity().incarnation) == (first.identity().id, 2)
            assert log.pages(0, 100) == first.pages(0, 2)
            assert append(log, "m1") == Receipt(1, 2, repeated=True)
            assert append(log, "asked", outcome="refused").repeated
            assert append(log, "m2") == Receipt(3, 4)
            assert log.pages(2, 1)[0].event_id == log.codec.event_id("acme", "m2", 0)
            assert first.codec.event_id("acme", "m2", 0) == log.codec.event_id("acme", "m2", 0)
            back_up(log, tmp_path / "second.db")
    with open_log(f"sqlite:///{tmp_path / 'third.db'}") as third:
        restore(tmp_path / "second.db", third)
        assert third.identity().incarnation == 3


def test_neither_a_backup_nor_a_restore_overwrites(database_url: str, tmp_path: Path) -> None:
    with open_log(database_url) as log:
        append(log, "m1")
        back_up(log, tmp_path / "backup.db")
        with pytest.raises(Refused, match="is there already"):
            back_up(log, tmp_path / "backup.db")
        with pytest.raises(Refused, match="not empty"):
            restore(tmp_path / "backup.db", log)
        assert log.identity().incarnation == 1


def test_a_restore_needs_a_backup_of_the_same_kind_of_clock(database_url: str, tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path / 'simulated.db'}", simulated_clock=True) as simulated:
        back_up(simulated, tmp_path / "backup.db")
    with open_log(database_url) as log:
        with pytest.raises(Refused, match="simulated clock"):
            restore(tmp_path / "backup.db", log)
        with pytest.raises(Unreadable, match="there is no backup"):
            restore(tmp_path / "nothing.db", log)


def test_a_backup_that_was_interrupted_leaves_no_file_of_its_name(database_url: str, tmp_path: Path) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with open_log(database_url) as log:
        append(log, "m1")
        with pytest.raises(KeyboardInterrupt):
            back_up(log, tmp_path / "backup.db", told=interrupt)
        assert not (tmp_path / "backup.db").exists()
        assert back_up(log, tmp_path / "backup.db") == 2
