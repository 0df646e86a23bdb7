"""Tables of a measure as people read them, as CSV, and as HTML."""

import csv
import io
from html import escape
from typing import Any

from adapters.instants import say_instant
from projections.measures.asking import Table

NOT_REACHED = "–"


def cell(column: str, value: Any) -> str:
    """Return a figure for people: columns named with % hold shares, `at` holds an instant, a pair is a ratio."""
    match value:
        case None:
            return NOT_REACHED
        case bool():
            return "yes" if value else "no"
        case [int() as n, int() as d] if d:
            return f"{n / d:.1%}"
        case float() if column.endswith(" %"):
            return f"{100 * value:.1f}"
        case float() if column.startswith("p "):
            return f"{value:.2g}"
        case float():
            return f"{value:,.3f}" if abs(value) < 1 else f"{value:,.1f}"
        case int() if column == "at":
            return say_instant(value)
        case int() if column != "year":
            return f"{value:,}"
        case _:
            return str(value)


def csv_text(table: Table) -> str:
    """Return a table as CSV: figures in full, shares in per cent, instants in UTC, what is not reached empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_plain(column, value) for column, value in zip(table.columns, row, strict=True)])
    return text.getvalue()


def html_table(table: Table) -> str:
    """Return a table as HTML: the first column names its row, columns of words stand left and figures right."""
    words = [any(isinstance(row[place], str) for row in table.rows) for place in range(len(table.columns))]
    marks = [" class=word" if word else "" for word in words]
    head = "".join(
        f"<th scope=col{mark}>{escape(column)}</th>" for mark, column in zip(marks, table.columns, strict=True)
    )
    body = "".join(
        f"<tr>{''.join(_cell(place, mark, column, value) for place, (mark, column, value) in enumerate(cells))}</tr>"
        for cells in (zip(marks, table.columns, row, strict=True) for row in table.rows)
    )
    empty = "" if table.rows else f'<tr><td class=word colspan="{len(table.columns)}">nothing to show</td></tr>'
    caption = f"<caption>{escape(table.title)}</caption>"
    shown = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}{empty}</tbody></table>"
    return wide(shown, table.title)


def wide(shown: str, says: str) -> str:
    """Return what may be wider than the page in a frame that scrolls, by touch and by keyboard."""
    return f'<div class=wide role=region tabindex=0 aria-label="{escape(says)}">{shown}</div>'


def _cell(place: int, mark: str, column: str, value: Any) -> str:
    said = escape(cell(column, value))
    return f"<td{mark}>{said}</td>" if place else f"<th scope=row>{said}</th>"


def _plain(column: str, value: Any) -> Any:
    match value:
        case None:
            return ""
        case [int() as n, int() as d]:
            return f"{n}/{d}"
        case int() if column == "at":
            return say_instant(value)
        case float() if column.endswith(" %"):
            return 100 * value
        case _:
            return value
