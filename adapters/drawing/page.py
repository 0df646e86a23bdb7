"""One self-contained page of all measures, that a committee can be shown: pictures, tables, and their CSV."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from adapters.drawing.cells import csv_text, html_table, wide
from adapters.drawing.measures import picture
from adapters.instants import say_instant
from projections.measures.asking import Measure, Table

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { margin-top: 2.6rem; border-top: 1px solid #ddd; padding-top: 1rem; font-size: 1.2rem }
table { border-collapse: collapse; min-width: min(100%, 24rem); font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; min-width: 16rem }
th { font-weight: 600; color: #555 } tbody th { font-weight: 400; color: inherit }
th, td { padding: 0.18rem 0.9rem 0.18rem 0; border-bottom: 1px solid #eee; text-align: right }
th:first-child, .word { text-align: left }
.wide { overflow-x: auto; margin: 0.8rem 0 } .wide svg { min-width: 34rem; max-width: 100%; height: auto }
.counted, .refused, nav { color: #555; font-size: 0.9rem } .flag { color: #b30000 }
nav a { display: inline-block; margin-right: 0.8rem; padding: 0.25rem 0 } a { color: #0b5394 }
:focus-visible { outline: 2px solid #0b5394; outline-offset: 2px }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt } nav, .csv { display: none } h2 { break-after: avoid }
  .wide { overflow: visible } svg, tr, caption { break-inside: avoid } caption { break-after: avoid }
}
"""
NOTHING_FETCHED = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser is told of the page: it may fetch nothing, so that figures stay where the file is."""


@dataclass(frozen=True)
class Section:
    """One measure with its answer, or the reason why it was refused."""

    measure: Measure
    data: Mapping[str, Any] | None
    refused: str | None = None


def page(sections: Sequence[Section], answer: Mapping[str, Any], *, title: str) -> str:
    """Return the page. `answer` says which position and instants it is for."""
    links = " ".join(f'<a href="#{each.measure.name}">{escape(each.measure.name)}</a>' for each in sections)
    known = answer["known_at"]
    stands = (
        f"As it was at {say_instant(answer['effective_at'])}, known at log position {known['position']}. "
        "Open decisions are counted as open; – means not reached."
    )
    body = "".join(_section(each) for each in sections)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{NOTHING_FETCHED}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p class=counted>{escape(stands)}</p><nav aria-label=Measures>{links}</nav><main>{body}</main>"
        "</body></html>\n"
    )


def _section(section: Section) -> str:
    measure = section.measure
    head = f'<section id="{measure.name}"><h2>{escape(measure.asks)}</h2>'
    if section.data is None:
        return f"{head}<p class=refused>Not answered: {escape(section.refused or '')}.</p></section>"
    data = section.data
    flags = "".join(f"<p class=flag>{escape(flag)}</p>" for flag in data["flags"])
    picture_of = picture(measure.name, data)
    drawn = wide(picture_of, f"Picture: {measure.asks}") if picture_of else ""
    groups = [measure.groups_table(data)] if "groups" in data else []
    shown = enumerate([*measure.tables(data), *groups], start=1)
    tables = "".join(html_table(table) + _download(f"{measure.name}-{number}", table) for number, table in shown)
    return f"{head}<p class=counted>{escape(counted(data))}</p>{flags}{drawn}{tables}</section>"


def counted(data: Mapping[str, Any]) -> str:
    """Say in a sentence what an answer counted, what it left out, by which clock, and against what."""
    left_out = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in data["excluded"].items())
    also = [f"left out: {left_out}"] if left_out else []
    also += [f"{data['entered_late']:,} entered late"] if data["entered_late"] else []
    also += [f"{data['transferred_out']:,} transferred out"] if data["transferred_out"] else []
    also += [f"{data['clocks_backwards']:,} clocks went backwards"] if data["clocks_backwards"] else []
    clock = data["clock"]["name"] + (f" ({data['clock']['calendar']})" if "calendar" in data["clock"] else "")
    told = f"{data['n']:,} decisions: {data['observed']:,} ended, {data['censored']:,} censored"
    return "; ".join([told, *also, f"clock: {clock}", f"baseline: {_baseline(data['baseline'])}"]) + "."


def _baseline(baseline: Any) -> str:
    if isinstance(baseline, Mapping):
        matched = ", ".join(f"{n:,} of the {years} years before" for years, n in baseline["matched"].items())
        return f"{baseline['full']:,} before the change, and {matched}"
    return str(baseline)


def _download(name: str, table: Table) -> str:
    encoded = base64.b64encode(csv_text(table).encode()).decode()
    said = escape(f"CSV of {table.title}")
    return (
        f'<p class=csv><a download="{name}.csv" href="data:text/csv;base64,{encoded}" aria-label="{said}">CSV</a></p>'
    )
