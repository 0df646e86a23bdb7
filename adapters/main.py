"""The one place that builds: the command line, from the modules that each bring their commands."""

import importlib
import sys
from collections.abc import Mapping, Sequence

import typer

from adapters.tracing import trace_as_told

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "recording": ("init", "migrate", "record"),
    "keeping": ("backup", "restore"),
    "importing": ("import",),
    "exporting": ("export",),
    "scanning": ("scan keep", "scan ask"),
    "showing": ("show alliance", "show decision", "timeline", "replay diff"),
    "measuring": ("measure",),
    "alignment": ("show alignment", "show metric", "show dashboard", "show drift", "show reorganization"),
    "people": (
        "show seats",
        "show glossary",
        "show work-streams",
        "show briefing",
        "show profiles",
        "show health",
    ),
    "drawing": ("draw alignment", "draw horizons", "draw work-streams"),
    "feeding": ("feed",),
    "alliance_life": ("show stages", "show people"),
    "projections": ("follow", "run", "rebuild", "verify", "status", "projections rollback", "projections discard"),
    "parked": ("parked list", "parked show", "parked redrive", "parked drop"),
    "chartering": ("scenario", "charter check", "charter diff"),
    "explaining": ("explain", "docket", "what-if", "clerk", "charter confirmed"),
    "workbook": ("workbook new",),
    "kafka": ("publish", "ingest", "messages list", "messages show", "messages redrive", "messages drop"),
    "demo": ("demo",),
}
"""Which module brings which commands, so that a command starts without loading the others."""

HELP = (
    "An event-sourced engine for the life of strategic alliances: who is aligned on what, how long decisions take, "
    "and in whose court they waited.\n\nExit codes: 0 fine, 1 a check failed or differs, 2 usage, 3 refused, "
    "4 stale, 5 unreadable, 6 newer format."
)


def build(asked: Sequence[str] = ()) -> typer.Typer:
    """Return the command line: whole, or only the family of the command that is asked for."""
    app = typer.Typer(
        name="cynosure",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_several)
    for family in _families(asked):
        importlib.import_module(f"adapters.cli.{family}").add_to(app)
    return app


def _several() -> None:
    """Keep a lone command from taking the place of the whole command line."""


def _families(asked: Sequence[str]) -> Sequence[str]:
    words = {" ".join(asked[:1]), " ".join(asked[:2])}
    return [family for family, commands in FAMILIES.items() if words.intersection(commands)] or list(FAMILIES)


def main() -> None:
    """Run the command line."""
    trace_as_told()
    build(sys.argv[1:])()
