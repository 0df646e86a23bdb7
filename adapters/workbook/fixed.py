"""What a workbook does not change: cells that stand as they were recorded, and rows that were taken out."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.workbook.known import Rows
from adapters.workbook.reading import SheetRow, Sheets
from adapters.workbook.sheets import SHEETS

FIXED: Mapping[str, tuple[str, ...]] = {
    "alliance": ("title", "kind", "formed"),
    "parties": ("name",),
    "people": ("party",),
    "bodies": ("tier",),
    "seats": ("party",),
    "work_streams": ("title",),
    "metrics": ("title", "unit", "class", "owner", "cadence", "tolerance_days"),
    "stances": ("baseline",),
    "decisions": ("title", "body", "matter", "work_stream", "by", "raised", "decided", "method"),
    "minutes": ("body", "held", "present", "drafted", "finalized", "signed_by"),
}
FILLED_LATER = {"baseline", "decided", "method", "drafted", "finalized", "signed_by"}
ENDED_BY: Mapping[str, str] = {
    "parties": "PartySucceeded puts another party in its place",
    "people": "PersonDeparted says that somebody left",
    "bodies": "BodyDisbanded ends a body",
    "seats": "keep the row and empty its person, to leave the seat empty",
    "work_streams": "WorkStreamClosed ends a work stream",
    "metrics": "MetricRetired ends a metric",
    "stances": "what a party stated stands until it states something else",
    "terms": "TermReconciled ends a difference",
    "decisions": "DecisionWithdrawn takes a decision back",
    "minutes": "RecordCorrected takes back what was recorded wrongly",
}


def faults_of(sheets: Sheets, known: Rows) -> Iterator[str]:
    """Yield each cell that says otherwise than what was recorded, where a workbook cannot change that."""
    yield from _strangers(sheets, known)
    if not known:
        return
    parties = {row["party"] for row in known["parties"]}
    for row in sheets["parties"]:
        if row.get("party") not in parties:
            yield f"{row.where()}: {row.get('party')} is no party; one comes in by PartySucceeded, not by a row"
    for name, words in FIXED.items():
        stands = _by_key(known, name)
        for row in sheets[name]:
            was = stands.get(_key(row.values, name))
            yield from (_fault(row, word, was[word]) for word in words if was is not None and _differs(row, word, was))


def _strangers(sheets: Sheets, known: Rows) -> Iterator[str]:
    people = {row.get("person") for row in sheets["people"]}
    seated = {row["person"] for sheet in ("people", "seats") for row in known.get(sheet, ())}
    for row in sheets["seats"] if people else ():
        if row.get("person") and row.get("person") not in people | seated:
            yield f"{row.where('person')}: {row.get('person')!r} is not on the sheet people"


def left_out(sheets: Sheets, known: Rows) -> dict[str, list[str]]:
    """Return, by sheet, what the log knows and the workbook no longer says; sheets without any row say nothing."""
    found = {}
    for name in ENDED_BY:
        said = {_key(row.values, name) for row in sheets[name]}
        gone = [key for key in _by_key(known, name) if key not in said]
        if said and gone:
            found[name] = [" ".join(part for part in key if part) for key in gone]
    return found


def _fault(row: SheetRow, word: str, was: Any) -> str:
    stands = "; ".join(was) if isinstance(was, list) else was
    kept = f"was recorded as {stands!r}" if stands not in {None, ""} else "was left open when this was recorded"
    return f"{row.where(word)}: {word} {kept}, and a workbook does not change it; RecordCorrected puts a record right"


def _differs(row: SheetRow, word: str, was: dict[str, Any]) -> bool:
    said, stands = row.get(word), was.setdefault(word, None)
    if said in (None, [], "") or (not stands and word in FILLED_LATER):
        return False
    return bool(_plain(said) != _plain(stands or 0 if word == "tolerance_days" else stands))


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sorted(value)
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def _by_key(known: Rows, sheet: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {_key(row, sheet): row for row in known.get(sheet, ())}


def _key(values: Mapping[str, Any], sheet: str) -> tuple[Any, ...]:
    columns = next(one.key for one in SHEETS if one.name == sheet)
    return tuple(values.get(word) for word in columns)
