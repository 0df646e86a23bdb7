"""Messages that do not touch each other are judged together, exactly as they would be one after the other."""

from pathlib import Path
from typing import Any

from adapters.event_log import open_log
from adapters.handling import Handler
from domain.commands.decision import EscalateDecision
from domain.events.alliance import AllianceFormed, Party
from domain.events.decision import DecisionMade, DecisionRaised
from domain.recorded import Envelope
from domain.values import MessageKey

FORMED = AllianceFormed(title="N", kind="strategic", parties=(Party(id="acme", name="A"), Party(id="zen", name="Z")))


def sent(number: int, message: Any) -> tuple[Any, Envelope, bytes]:
    key = MessageKey("desk", str(number))
    return message, Envelope(alliance="north", effective_at=1_700_000_000 + number, message=key), b"%d" % number


def raised(decision: str) -> DecisionRaised:
    return DecisionRaised(decision=decision, body="jsc", matter="pricing")


def made(decision: str) -> DecisionMade:
    return DecisionMade(decision=decision, outcome="approved", method="consensus")


def runs(path: Path, messages: list[Any]) -> list[int]:
    """Handle messages in runs, and one by one where there is none; return the length of each run."""
    lengths = []
    left = [sent(number, message) for number, message in enumerate(messages)]
    with open_log(f"sqlite:///{path}") as log:
        handler = Handler(log)
        while left:
            run = handler.apart(left)
            if run:
                assert log.append_whole(run) is not None
            lengths.append(len(run))
            left = left[max(len(run), 1) :]
    return lengths


def recorded(path: Path) -> list[tuple[str, str, int, Any]]:
    with open_log(f"sqlite:///{path}") as log:
        events = log.read(after=0, limit=1_000)
        return [(e.stream, e.name, e.version, [finding.rule for finding in e.meta.findings]) for e in events]


def test_a_run_ends_before_what_reads_what_it_writes_and_before_what_is_refused(tmp_path: Path) -> None:
    impossible = EscalateDecision(decision="D9", to="executives", by="acme")
    messages = [FORMED, raised("D1"), raised("D2"), raised("D3"), made("D1"), made("D2"), impossible, made("D3")]
    assert runs(tmp_path / "runs.db", messages) == [1, 3, 2, 0, 1]


def test_runs_record_what_handling_one_by_one_records(tmp_path: Path) -> None:
    messages = [FORMED, *(raised(f"D{n}") for n in range(9)), *(made(f"D{n % 9}") for n in range(14)), raised("D77")]
    runs(tmp_path / "runs.db", messages)
    with open_log(f"sqlite:///{tmp_path / 'single.db'}") as log:
        handler = Handler(log)
        for number, message in enumerate(messages):
            said, envelope, digest = sent(number, message)
            handler.handle(said, envelope, digest=digest)
    assert recorded(tmp_path / "runs.db") == recorded(tmp_path / "single.db")
    assert any(findings for *_, findings in recorded(tmp_path / "single.db"))
