"""PM4Py reads back the cases, events, objects and durations that were exported."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adapters.event_log import Log, open_log
from adapters.exporting.export import export
from adapters.importing.history import import_history
from tests.importing.given import events, times

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".cache" / "pm4py" / "bin" / "python"
PEPS = ROOT / "examples" / "peps"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("exported")
    files = [folder / name for name in ("peps.xes.gz", "peps.jsonocel", "peps.sqlite")]
    log = open_log(f"sqlite:///{folder / 'cynosure.db'}")
    import_history(log, PEPS / "peps.csv", PEPS / "peps.yaml")
    for file in files:
        export(log, file, "python")
    subprocess.run([ROOT / "scripts" / "pm4py"], check=True)
    script = Path(__file__).with_name("read_back.py")
    ran = subprocess.run([PYTHON, script, *files], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return log, found


@pytest.mark.pm4py
def test_xes_is_read_back_with_the_same_cases_events_and_durations(exported: tuple[Log, dict[str, Any]]) -> None:
    log, found = exported
    told = events(log)
    assert found["cases"] == 741
    assert found["events"] == len(told)
    assert found["names"] == Counter(event.name for event in told)
    durations = {
        decision: row.cycles[0].end - row.cycles[0].start
        for decision, row in times(log).items()
        if row.cycles[0].start is not None and row.cycles[0].end is not None
    }
    assert len(durations) == 584
    assert found["durations"] == durations


@pytest.mark.pm4py
@pytest.mark.parametrize("kind", ["json", "sqlite"])
def test_ocel_is_read_back_with_the_same_events_objects_and_links(
    kind: str, exported: tuple[Log, dict[str, Any]]
) -> None:
    log, found = exported
    read = found[kind]
    assert read["events"] == log.head()
    assert read["objects"] == {"decision": 741, "person": 203, "party": 3, "alliance": 1, "body": 1, "import": 1}
    assert read["activities"]["decision-raised"] == 672
    assert read["linked_parties"] == ["party/informational", "party/process", "party/standards_track"]
    assert set(read["statuses"]) >= {"ended", "paused"}
    assert read["links"] == found["json"]["links"]
