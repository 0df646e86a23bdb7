"""Tables of a measure as people read them, as CSV, and as HTML."""

import csv
import io
from html import escape
from typing import Any

from adapters.items import say_instant
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
    """Return a table as CSV: figures in full, shares in per cent, what is not reached empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_plain(column, value) for column, value in zip(table.columns, row, strict=True)])
    return text.getvalue()


def html_table(table: Table) -> str:
    """Return a table as HTML."""
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell(c, v))}</td>" for c, v in zip(table.columns, row, strict=True)) + "</tr>"
        for row in table.rows
    )
    empty = "" if table.rows else f'<tr><td colspan="{len(table.columns)}">nothing to show</td></tr>'
    caption = f"<caption>{escape(table.title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}{empty}</tbody></table>"


def _plain(column: str, value: Any) -> Any:
    match value:
        case None:
            return ""
        case [int() as n, int() as d]:
            return f"{n}/{d}"
        case float() if column.endswith(" %"):
            return 100 * value
        case _:
            return value
