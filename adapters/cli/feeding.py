"""The command that feeds metrics from what the engine measures itself: nobody types how fast the parties decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer

from adapters.cli.asking import Asking, asks
from adapters.cli.edge import out
from adapters.handling import Handler
from adapters.instants import instant_of
from adapters.items import Item, read_item
from adapters.measuring import rows_of
from domain.alignment.standing import plain
from domain.calendars import ONE_DAY
from domain.errors import Unreadable
from projections import metric_dashboard, obligations
from projections.measures import alignment_efficiency, decision_times
from projections.measures.asking import Measure, Question, Rows

HUNDREDTH = Decimal("0.01")
ORDERS = "orders_in_time"


def _median(answer: Mapping[str, Any]) -> Decimal | None:
    days = answer["quantiles_days"]["0.5"]
    return None if days is None else Decimal(str(days)).quantize(HUNDREDTH)


def _percent(share: Any) -> Decimal | None:
    return None if share is None else (Decimal(100 * share[0]) / Decimal(share[1])).quantize(HUNDREDTH)


def _efficiency(answer: Mapping[str, Any]) -> Decimal | None:
    return _percent(answer["efficiency"][0]) if answer["efficiency"] else None


def _availability(answer: Mapping[str, Any]) -> Decimal | None:
    return _percent(answer["availability"]["availability"])


FED: Mapping[str, tuple[Measure, Callable[[Mapping[str, Any]], Decimal | None]]] = {
    "decision_days": (decision_times.MEASURE, _median),
    "decision_efficiency": (alignment_efficiency.MEASURE, _efficiency),
    "alignment_availability": (alignment_efficiency.MEASURE, _availability),
}
"""The metric templates that measures feed: which measure, and which figure of its answer."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its first and last day, and the instant after it, in seconds."""

    first: date
    last: date
    end: int


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("feed")(asks(feed, without={"known_at"}))


def feed(
    asking: Asking,
    period_start: Annotated[
        str, typer.Argument(help="first day of the period, such as 2026-01-01", show_default=False)
    ],
    period_end: Annotated[str, typer.Argument(help="its last day", show_default=False)],
) -> None:
    """Observe the metrics that the engine measures itself, as at the end of a period.

    These are metrics proposed from the templates decision_days, decision_efficiency, alignment_availability, and
    orders_in_time (obligations of kind order that were due in the period, met by the end of their day). A period that
    was observed before is restated where the figure has changed, and left alone where it has not.
    """
    first, last = _day(period_start), _day(period_end)
    with asking.reading() as asked:
        name, zone = asked.alliance, asked.zone()
        period = Period(first, last, instant_of((last + ONE_DAY).isoformat(), zone, "period_end").seconds)
        measured = rows_of(asked.reading, alliance=name)
        board, owed = asked.rows("metric_dashboard"), asked.rows("obligations")
    orders = obligations.in_time(owed.data, kind="order", first=first, last=last, ends=lambda due: _after(due, zone))
    figures = {
        template: figure(measure.answer(measured.data, Question(effective_at=period.end)))
        for template, (measure, figure) in FED.items()
    }
    figures[ORDERS] = None if orders is None else _percent((orders.numerator, orders.denominator))
    found = ((row, figures.get(row.template or "")) for row in board.data)
    items = [
        item
        for row, value in found
        if value is not None and (item := _observed(row, value, period, alliance=name, zone=zone)) is not None
    ]
    with asking.place.handler() as handler:
        said = [_recorded(handler, item) for item in items]
    words = replace(measured, data=Rows(), effective_at=period.end).words(data=said)
    asking.place.answer(words, lambda: _print(said))


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise Unreadable(f"{said!r} is no day: write it as 2026-03-31") from None


def _after(due: str, zone: str) -> int:
    return instant_of((date.fromisoformat(due) + ONE_DAY).isoformat(), zone, "due").seconds


def _observed(row: metric_dashboard.Row, value: Decimal, period: Period, *, alliance: str, zone: str) -> Item | None:
    known = row.seen.get(f"{period.first}/{period.last}", ())
    if known and known[-1].value == plain(value):
        return None
    words: dict[str, Any] = {
        "at": (period.last + ONE_DAY).isoformat(),
        "report": "ObservationRestated" if known else "ObservationReported",
        "metric": row.metric,
        "period_start": period.first.isoformat(),
        "period_end": period.last.isoformat(),
        "value": plain(value),
        "unit": row.unit,
    }
    if not known:
        source = "obligations of kind order" if row.template == ORDERS else f"measure {FED[str(row.template)][0].name}"
        words["query"] = f"{source}, at the end of {period.last}"
    return read_item(words, f"feed of {row.metric}", alliance=alliance, source="feed", zone=zone)


def _recorded(handler: Handler, item: Item) -> dict[str, Any]:
    receipt = handler.handle(item.message, item.envelope, digest=item.digest)
    said = item.message.model_dump(mode="json", include={"metric", "period_start", "period_end", "value", "unit"})
    return said | {"report": type(item.message).__name__, "position": receipt.last}


def _print(said: list[dict[str, Any]]) -> None:
    for one in said:
        restated = ", restated" if one["report"] == "ObservationRestated" else ""
        out.print(f"{one['metric']}: {one['value']} {one['unit']} up to {one['period_end']}{restated}", markup=False)
    if not said:
        out.print("nothing to feed: no metric comes from a measure, or none has changed")
