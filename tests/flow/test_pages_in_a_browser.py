"""The pages that people are shown, opened in a real browser: nothing fetched, nothing cut off, all of it legible."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.main import build
from projections.measures.every import MEASURES
from tests.flow.test_explaining import ALLIANCE
from tests.services.browser import Browser

pytestmark = pytest.mark.browser

PEPS = Path(__file__).resolve().parents[2] / "examples" / "peps"
COUNCIL = "2018-07-12..2019-02-04"
CONTRAST_MIN = 4.5  # Source: WCAG 2.2, 1.4.3
SCREENS = {"desk": (1100, False), "phone": (375, True)}

TOO_FAINT = """
(() => {
  const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
  const light = rgb => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const read = css => (css.match(/[\\d.]+/g) || [255, 255, 255]).map(Number);
  const behind = element => {
    if (element instanceof SVGElement) {
      const box = element.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
      const under = [...element.ownerSVGElement.querySelectorAll('rect')].filter(r => {
        const b = r.getBoundingClientRect();
        return b.left <= x && x <= b.right && b.top <= y && y <= b.bottom
          && r.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
      });
      return read(getComputedStyle(under.at(-1)).fill);
    }
    for (let at = element; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length)
    .map(e => {
      const style = getComputedStyle(e);
      const [a, b] = [light(read(e instanceof SVGElement ? style.fill : style.color)), light(behind(e))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent.trim().slice(0, 40)];
    })
    .filter(([contrast]) => contrast < %s);
})()
"""
TABLES = """
[...document.querySelectorAll('main table')].map(table => ({
  shown: [...table.rows].map(row => [...row.cells].map(cell => cell.textContent)),
  link: table.closest('.wide').nextElementSibling.querySelector('a').href,
  name: table.closest('.wide').nextElementSibling.querySelector('a').download,
}))
"""
CUT_OFF = """
[...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && !e.closest('.wide > *') && (box.right > innerWidth + 1 || box.left < -1);
}).map(e => e.tagName + ' ' + e.textContent.slice(0, 40))
"""
UNNAMED = """
[...document.querySelectorAll('a, [tabindex]')].filter(e => !(e.getAttribute('aria-label') || e.textContent).trim())
  .map(e => e.outerHTML)
"""
FORBIDDEN = """
new Promise(told => {
  document.addEventListener('securitypolicyviolation', e => told(e.effectiveDirective));
  document.body.append(Object.assign(new Image(), {src: 'https://example.invalid/figures.png'}));
  setTimeout(() => told('nothing stopped it'), 5000);
})
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    peps, ab = (f"sqlite:///{folder}/{name}.db" for name in ("peps", "ab"))
    (folder / "alliance.yaml").write_text(ALLIANCE, encoding="utf-8")
    run("import", PEPS / "peps.csv", "--mapping", PEPS / "peps.yaml", "--database", peps)
    run("measure", "all", "--change", COUNCIL, "--html", folder / "measures.html", "--csv", folder, "--database", peps)
    run("record", folder / "alliance.yaml", "--database", ab)
    run("docket", "--at", "2024-04-30", "--html", folder / "docket.html", "--database", ab)
    return {name: folder / f"{name}.html" for name in ("measures", "docket")}


def run(*words: str | Path) -> None:
    result = CliRunner().invoke(build(), [str(word) for word in words])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["measures", "docket"])
def test_a_page_asks_for_nothing_says_nothing_and_fits_its_screen(
    browser: Browser, pages: dict[str, Path], name: str, screen: str
) -> None:
    width, phone = SCREENS[screen]
    browser.open(pages[name], width=width, phone=phone)
    assert browser.requests() == [pages[name].as_uri()]
    assert browser.complaints() == []
    assert browser.ask("innerWidth") == width
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask(CUT_OFF) == []


@pytest.mark.parametrize("name", ["measures", "docket"])
def test_a_page_may_not_fetch_even_if_something_in_it_tried(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    browser.open(pages[name])
    assert browser.ask(FORBIDDEN) == "img-src"


@pytest.mark.parametrize("name", ["measures", "docket"])
def test_all_words_stand_out_from_what_is_behind_them(browser: Browser, pages: dict[str, Path], name: str) -> None:
    browser.open(pages[name])
    assert browser.ask(TOO_FAINT % 22) != []
    assert browser.ask(TOO_FAINT % CONTRAST_MIN) == []


def test_every_picture_has_a_size_a_name_and_figures_in_it(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["measures"])
    drawn = browser.ask(
        "[...document.querySelectorAll('svg')].map(s => ({width: s.getBoundingClientRect().width,"
        " height: s.getBoundingClientRect().height, says: s.getAttribute('aria-label'),"
        " words: s.querySelectorAll('text').length,"
        " outside: [...s.querySelectorAll('text')].filter(t => t.getBBox().x < -1"
        "   || t.getBBox().x + t.getBBox().width > s.viewBox.baseVal.width + 1"
        "   || t.getBBox().y + t.getBBox().height > s.viewBox.baseVal.height + 1).map(t => t.textContent)}))"
    )
    assert len(drawn) == 6
    for picture in drawn:
        assert picture["width"] > 500
        assert picture["height"] > 100
        assert picture["words"] > 5
        assert picture["says"]
        assert picture["outside"] == []


def test_every_table_shows_the_figures_of_its_csv(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["measures"])
    tables = browser.ask(TABLES)
    assert len(tables) > 2 * len(MEASURES) - 1
    for table in tables:
        text = base64.b64decode(table["link"].partition("base64,")[2]).decode()
        assert text == (pages["measures"].parent / table["name"]).read_text(encoding="utf-8")
        columns, *rows = csv.reader(io.StringIO(text))
        shown_columns, *shown = table["shown"]
        assert shown_columns == columns
        assert [len(row) for row in shown] == [len(columns)] * len(rows) or shown == [["nothing to show"]]
        for figures, told in zip(rows, shown, strict=bool(rows)):
            assert all(same(figure, said) for figure, said in zip(figures, told, strict=True)), (table, figures, told)


def same(figure: str, said: str) -> bool:
    """Say whether what is shown is what the file says, as far as it is shown."""
    plain = said.replace(",", "")
    if said in {figure, "–" if figure == "" else figure} or (figure, said) in {("True", "yes"), ("False", "no")}:
        return True
    if "/" in figure:
        n, d = map(int, figure.split("/"))
        return plain == f"{n / d:.1%}"
    digits = len(plain.partition(".")[2])
    try:
        return abs(float(figure) - float(plain)) <= 0.5000001 * 10**-digits or float(f"{float(figure):.2g}") == float(
            plain
        )
    except ValueError:
        return False


def test_the_keyboard_reaches_every_link_and_shows_where_it_is(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["measures"])
    assert browser.ask(UNNAMED) == []
    browser.press("Tab")
    assert browser.ask("document.activeElement.getAttribute('href')") == f"#{next(iter(MEASURES))}"
    assert browser.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    stops = browser.ask("[...document.querySelectorAll('a, [tabindex=\"0\"]')].length")
    for _ in range(stops - 1):
        browser.press("Tab")
    assert browser.ask("document.activeElement.getAttribute('download')") == "load-3.csv"
    assert browser.ask("[...document.querySelectorAll('nav a')].every(a => document.querySelector(a.hash))")


@pytest.mark.parametrize("name", ["measures", "docket"])
def test_a_page_prints_with_nothing_cut_off(browser: Browser, pages: dict[str, Path], name: str) -> None:
    browser.open(pages[name], width=680)
    browser("Emulation.setEmulatedMedia", media="print")
    try:
        assert browser.ask("document.documentElement.scrollWidth") <= 680
        told: dict[str, Any] = browser("Page.printToPDF", printBackground=False)
    finally:
        browser("Emulation.setEmulatedMedia", media="")
    printed = base64.b64decode(told["data"])
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") >= (5 if name == "measures" else 1)


def test_the_docket_on_a_phone_names_each_cell_where_its_column_has_no_head(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["docket"], width=375, phone=True)
    heads = browser.ask("[...document.querySelectorAll('th')].map(th => th.textContent)")
    named = browser.ask(
        "[...document.querySelector('tbody tr').cells].map(td => getComputedStyle(td, '::before').content)"
    )
    assert json.dumps(named[1:]) == json.dumps([f'"{head}: "' for head in heads[1 : len(named)]])
