"""What must hold of every log: positions dense, versions dense per stream, times that never go back, all decodes."""

from dataclasses import dataclass

from adapters.event_log import Log, Stored
from adapters.follower.sight import pages_of
from domain.errors import Unreadable

FAULTS_MAX = 100


@dataclass(slots=True)
class Checked:
    """How many events were read, and a sentence for each fault, at most a hundred."""

    events: int = 0
    faults: tuple[str, ...] = ()

    def fault(self, row: Stored, says: str) -> None:
        """Add a fault, named by its place."""
        if len(self.faults) < FAULTS_MAX:
            self.faults = (*self.faults, f"position {row.position}, {row.name} in {row.stream}: {says}")


def verify_log(log: Log) -> Checked:
    """Read the whole log and check its order. Raise NewerFormat where an event is newer than the code."""
    checked, versions, position, recorded_at = Checked(), dict[str, int](), 0, 0
    for page in pages_of(log, upto=log.head()):
        for row in page:
            if row.position != position + 1:
                checked.fault(row, f"follows position {position}: positions are dense")
            if row.version != versions.get(row.stream, 0) + 1:
                checked.fault(row, f"version {row.version} follows {versions.get(row.stream, 0)}: versions are dense")
            if row.recorded_at < recorded_at:
                checked.fault(row, "was recorded before the event before it: recorded time never goes back")
            try:
                log.codec.recorded(row)
            except Unreadable as error:
                checked.fault(row, str(error))
            position, recorded_at = row.position, row.recorded_at
            versions[row.stream] = row.version
        checked.events += len(page)
    return checked
