"""A docket as one page to print before a meeting, and as a calendar file."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from domain.governance.docket import Entry

STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h2{font-size:1.05rem;border-bottom:1px solid #bbb;margin:1.6rem 0 .4rem;break-after:avoid}"
    "table{width:100%;border-collapse:collapse;table-layout:fixed;overflow-wrap:anywhere}"
    "td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0}tr{break-inside:avoid}"
    "th:first-child{width:30%}th:last-child{width:5rem}"
    "th{font-weight:600;font-size:.85rem;color:#555}.late{color:#a40000}@media print{body{margin:0;max-width:none}}"
    "@media(max-width:38rem){thead{display:none}tr{display:block;border-bottom:1px solid #ddd;padding:.4rem 0}"
    "td{display:block;padding:0}td:not(:first-child):not(:empty)::before{content:attr(data-is) ': ';color:#555}}"
)
NOTHING_FETCHED = "default-src 'none'; style-src 'unsafe-inline'"
COLUMNS = ("what", "whose turn", "clock", "clause", "if nobody acts", "age")


def docket_page(title: str, entries: Sequence[Entry], at: str) -> str:
    """Return a docket as one self-contained HTML page, by day."""
    days: dict[str, list[Entry]] = {}
    for entry in entries:
        days.setdefault(str(entry.due or "no due day"), []).append(entry)
    parts = [_day(day, found) for day, found in days.items()]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{NOTHING_FETCHED}"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p>{len(entries)} due, as at {escape(at)}.</p>{''.join(parts)}</body></html>\n"
    )


def _day(day: str, entries: Sequence[Entry]) -> str:
    head = "".join(f"<th scope=col>{escape(column)}</th>" for column in COLUMNS)
    rows = "".join(_row(entry) for entry in entries)
    return f"<h2>{escape(day)}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(entry: Entry) -> str:
    then = " ".join(one for one in (entry.effect, ", ".join(entry.effect_to)) if one)
    if entry.effect_on:
        then += f" on {entry.effect_on}"
    what = " / ".join(
        one for one in (entry.alliance, entry.work_stream, entry.title or f"{entry.kind} {entry.id}") if one
    )
    cells = (
        what,
        entry.holder or entry.holder_kind,
        f"{entry.clock_kind} {entry.state}",
        entry.clause or "",
        then,
        f"{entry.age_days} days",
    )
    late = ' class="late"' if entry.state == "lapsed" else ""
    return (
        f"<tr{late}>"
        + "".join(f'<td data-is="{column}">{escape(cell)}</td>' for column, cell in zip(COLUMNS, cells, strict=True))
        + "</tr>"
    )


def docket_calendar(title: str, entries: Sequence[Entry]) -> bytes:
    """Return a docket as an iCalendar file: one whole-day event for each due day."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//cynosure//docket//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for entry in entries:
        if entry.due is None:
            continue
        event = Event()
        event.add("uid", f"{entry.alliance}/{entry.kind}/{entry.id}/{entry.clock}/{entry.clock_kind}@cynosure")
        event.add("dtstamp", datetime(entry.due.year, entry.due.month, entry.due.day, tzinfo=UTC))
        event.add("dtstart", entry.due)
        event.add("dtend", entry.due + timedelta(days=1))
        event.add("summary", f"{entry.title or entry.id}: {entry.clock_kind} of {entry.holder or entry.holder_kind}")
        event.add("description", f"clause {entry.clause or '-'}; if nobody acts: {entry.effect}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
