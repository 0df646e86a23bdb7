"""By which calendar each party of an alliance works, as its charter froze it."""

from datetime import date

from adapters.event_log import Log
from adapters.follower.sight import CORRECTED, pages_of
from domain.calendars import Calendar
from domain.governance.governing import governance_of
from domain.governance.state import Governance
from domain.governance.versions import NEVER
from projections.estimators.working_time import Closures
from projections.measures.asking import Rows, WorkCalendar

READ = ("charter-drafted", "charter-adopted", "charter-amended", "charter-ratified", "calendar-amended", CORRECTED)
PLAIN = "weekdays"


def charter_calendars(
    log: Log, rows: Rows, alliance: str, *, at: int, position: int
) -> tuple[dict[str, WorkCalendar], str]:
    """Return the calendar of each party under the charter that speaks at an instant, and what it is called.

    Without a charter, or where its calendar was recorded without its dates, weekdays count, and the name says so.
    """
    if not any(row.versions for row in rows.periods if row.alliance == alliance):
        return {}, PLAIN
    pages = pages_of(log, upto=position, names=READ, alliance=alliance)
    state = governance_of([log.codec.recorded(row) for page in pages for row in page])
    if not state.charters:
        return {}, PLAIN
    version = state.version_at(at)
    calendar = _amended(version.rules.calendars["default"], state)
    if calendar.first == NEVER:
        return {}, f"{PLAIN}: charter version {version.version} was recorded without the dates of its calendar"
    zone = version.rules.zone
    parties = {party: WorkCalendar(Closures(_closed(calendar, party)), zone) for party in state.parties(version.rules)}
    return parties, f"charter version {version.version}, {calendar.first} to {calendar.last}"


def _amended(calendar: Calendar, state: Governance) -> Calendar:
    for plus, minus in state.amendments:
        calendar = calendar.amended(plus, minus)
    return calendar


def _closed(calendar: Calendar, party: str) -> frozenset[date]:
    return frozenset(
        day for day, closures in calendar.closures.items() if any(one.party in (None, party) for one in closures)
    )
