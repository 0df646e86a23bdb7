"""The clerk goes on by itself until it is stopped, and stops at once when asked to."""

import json
import subprocess
import sys
import time
from pathlib import Path

from adapters.event_log import open_log
from adapters.supervising import command_of
from tests.flow.test_recording import FORMED, record

CHARTER = {
    "id": "orion",
    "zone": "UTC",
    "parties": {"x": {"name": "X"}, "y": {"name": "Y"}},
    "bodies": {"JSC": {"tier": 1, "clause": "1"}, "CEO": {"tier": 2, "clause": "1"}},
    "matters": {"default": {"start_bodies": ["JSC"], "unresolved": "status_quo", "clause": "2"}},
    "ladder": [
        {
            "from": "JSC",
            "to": "CEO",
            "limit": "5 calendar_days",
            "clock_starts": "raised",
            "mode": "automatic",
            "clause": "3",
        }
    ],
}


def test_a_step_that_is_due_is_written_while_the_clerk_goes_on(sqlite_url: str) -> None:
    with open_log(sqlite_url):
        pass
    charter = json.dumps(CHARTER | {"version": "1"})
    result = record(
        sqlite_url,
        FORMED,
        f"{{at: 2026-01-01, report: CharterAdopted, version: '1', charter: {charter}}}",
        "{at: 2026-01-02, report: DecisionRaised, decision: D1, body: JSC, matter: default}",
    )
    assert result.exit_code == 0, result.output
    command = [*command_of("clerk", sqlite_url)[:-2], "--every", "1"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL) as clerk:
        names: list[str] = []
        end = time.monotonic() + 60
        while "decision-escalated" not in names and time.monotonic() < end:
            time.sleep(0.2)
            with open_log(sqlite_url, create=False) as log:
                names = [row.name for row in log.pages(0, 100)]
        assert clerk.poll() is None
        clerk.terminate()
        assert clerk.wait(timeout=30) == 0
    assert names.count("decision-escalated") == 1
    assert "--every" in command_of("clerk", "sqlite:///x")
    assert sys.executable == command[0]
