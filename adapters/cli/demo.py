"""The demo: one alliance and one real history, through the whole engine, in a new folder."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from adapters.cli.edge import Format, at_the_edge, err, out
from adapters.cli.place import FormatOption, Place
from adapters.event_log import open_log
from adapters.handling import Handler
from adapters.items import read_items
from domain.errors import Unreadable

EXAMPLES = Path(__file__).parents[2] / "examples"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(at_the_edge(demo))


def demo(
    *,
    folder: Annotated[Path | None, typer.Option(help="where to keep what is made; a new folder by default")] = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show one alliance and one real history, through the whole engine, in under a minute."""
    from adapters.demo import alliance, check, history
    from adapters.importing.history import import_history

    if not (EXAMPLES / "peps" / "peps.csv").exists():
        raise Unreadable(f"{EXAMPLES}: the examples are not here; run the demo from a checkout of the project")
    page = out if format_ is Format.TEXT else Console(quiet=True)
    where = folder or Path(tempfile.mkdtemp(prefix="cynosure-demo-"))
    where.mkdir(parents=True, exist_ok=True)
    one, real = (Place(f"sqlite:///{where}/{name}.db") for name in ("alliance", "peps"))
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True
    ) as progress:
        task = progress.add_task("recording three years of one alliance")
        with open_log(one.url, simulated_clock=True) as log:
            handler = Handler(log)
            for item in read_items((EXAMPLES / "digital_health" / "alliance.yaml").read_text("utf-8"), "example"):
                handler.handle(item.message, item.envelope, digest=item.digest)
        with one.reading() as (log, reading):
            alliance.show(page, log, reading)
        progress.update(task, description="importing 741 proposals of 26 years")
        with open_log(real.url) as log:
            import_history(log, EXAMPLES / "peps" / "peps.csv", EXAMPLES / "peps" / "peps.yaml")
        with real.reading() as (log, reading):
            progress.update(task, description="measuring")
            history.show(page, reading, where)
        with real.log() as log:
            live = check.digests(real.url, log)
            progress.update(task, description="rebuilding from zero")
            checked = check.show(page, real.url, log, live)
    said = {"folder": str(where), "alliance": one.url, "history": real.url, **checked}
    Place(real.url, format_).answer({"data": said}, lambda: _next(where))


def _next(where: Path) -> None:
    out.print("\n[bold]What to type next[/bold]")
    for command in (
        f"cynosure show alliance --database sqlite:///{where}/alliance.db",
        f"cynosure timeline --database sqlite:///{where}/alliance.db --subject D-EU-LAUNCH",
        f"cynosure measure all --database sqlite:///{where}/peps.db --html peps.html",
        "cynosure import YOURS.csv --mapping YOURS.yaml      (docs/import.md)",
    ):
        out.print(f"  .venv/bin/{command}", markup=False, soft_wrap=True)
