"""The one place that builds: settings, logs and the command line, from the modules that each bring their commands."""

import importlib

import typer

from adapters.logs import configure
from adapters.settings import Settings

FAMILIES = (
    "recording",
    "keeping",
    "importing",
    "exporting",
    "scanning",
    "showing",
    "measuring",
    "alignment",
    "people",
    "drawing",
    "feeding",
    "alliance_life",
    "projections",
    "parked",
    "chartering",
    "explaining",
    "workbook",
    "kafka",
    "demo",
)

HELP = (
    "An event-sourced engine for the life of strategic alliances: who is aligned on what, how long decisions take, "
    "and in whose court they waited.\n\nExit codes: 0 fine, 1 a check failed or differs, 2 usage, 3 refused, "
    "4 stale, 5 unreadable, 6 newer format."
)


def build() -> typer.Typer:
    """Return the command line, whole."""
    app = typer.Typer(
        name="cynosure",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    for family in FAMILIES:
        importlib.import_module(f"adapters.cli.{family}").add_to(app)
    return app


def main() -> None:
    """Run the command line."""
    configure(Settings())
    build()()
